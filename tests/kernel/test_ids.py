"""Identifiers: never twice, in order, and told apart from anything else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.ids import ID_LENGTH, _encode, is_id, new_id


def test_ids_rise_when_they_are_made_one_after_another():
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_no_id_is_made_twice_when_threads_make_them_at_once():
    with ThreadPoolExecutor(8) as threads:
        made = [each for batch in threads.map(lambda _: [new_id() for _ in range(2_000)], range(8)) for each in batch]
    assert len(set(made)) == 16_000
    assert all(is_id(each) for each in made)


@given(st.integers(0, 2**80 - 1), st.integers(0, 2**80 - 1))
def test_text_sorts_as_its_number_when_it_is_encoded(one: int, other: int):
    assert (_encode(one) < _encode(other)) == (one < other)
    assert is_id(_encode(one))


@given(st.text(max_size=40))
def test_nothing_else_has_the_shape_of_an_id(text: str):
    is_shaped = len(text) == ID_LENGTH and set(text) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert is_id(text) == is_shaped


@pytest.mark.parametrize("text", ["", "0" * 15, "0" * 17, "0" * 15 + "I", "0" * 15 + "i", "0" * 15 + "\n", "０" * 16])
def test_text_is_no_id_when_one_letter_is_wrong(text: str):
    assert not is_id(text)
