"""Personal fields at rest: read by whoever has the key, by nobody else, and never where they do not belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.crypto import FieldCipher, UnreadableField

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
INDEX = bytes(range(64, 96))
PHONE = "person.phone"
CIPHER = FieldCipher({"k1": OLD}, INDEX)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS)
def test_value_is_the_same_when_it_is_encrypted_and_decrypted(plain: str):
    stored = CIPHER.encrypt(PHONE, plain)
    assert stored.startswith("k1:")
    assert stored.isascii()
    assert CIPHER.decrypt(PHONE, stored) == plain


def test_nothing_shows_and_no_two_are_equal_when_one_value_is_stored_twice():
    one, other = CIPHER.encrypt(PHONE, "13867110001"), CIPHER.encrypt(PHONE, "13867110001")
    assert one != other
    assert "13867110001" not in one


def test_value_is_unreadable_when_it_was_moved_to_another_field():
    with pytest.raises(UnreadableField):
        CIPHER.decrypt("person.totp_secret", CIPHER.encrypt(PHONE, "13867110001"))


@given(st.integers(0, 10_000), st.sampled_from("ABCabc012-_"))
def test_value_is_unreadable_when_one_letter_was_changed(place: int, letter: str):
    stored = CIPHER.encrypt(PHONE, "13867110001")
    place = 3 + place % (len(stored) - 3)
    # The last letters of base 64 may carry bits that mean nothing.
    if stored[place] == letter or "=" in stored[place : place + 2]:
        letter, place = ("B" if stored[3] == "A" else "A"), 3
    with pytest.raises(UnreadableField):
        CIPHER.decrypt(PHONE, stored[:place] + letter + stored[place + 1 :])


@given(st.text(max_size=80) | st.text(alphabet="Ak1:=_-", max_size=40).map("k1:".__add__))
def test_nothing_but_unreadable_is_said_when_something_else_was_stored(stored: str):
    with pytest.raises(UnreadableField):
        CIPHER.decrypt(PHONE, stored)


def test_old_values_are_read_and_new_ones_written_when_the_key_was_changed():
    stored = CIPHER.encrypt(PHONE, "13867110001")
    rotated = FieldCipher({"k2": NEW, "k1": OLD}, INDEX)
    assert rotated.decrypt(PHONE, stored) == "13867110001"
    assert rotated.encrypt(PHONE, "13867110001").startswith("k2:")
    with pytest.raises(UnreadableField):
        FieldCipher({"k2": NEW}, INDEX).decrypt(PHONE, stored)
    with pytest.raises(UnreadableField):
        FieldCipher({"k1": NEW}, INDEX).decrypt(PHONE, stored)


def test_index_is_equal_only_when_field_value_and_key_are():
    index = CIPHER.blind_index(PHONE, "13867110001")
    assert FieldCipher({"k9": NEW}, INDEX).blind_index(PHONE, "13867110001") == index
    others = {
        CIPHER.blind_index(PHONE, "13867110002"),
        CIPHER.blind_index("person.openid", "13867110001"),
        FieldCipher({"k1": OLD}, NEW).blind_index(PHONE, "13867110001"),
    }
    assert index not in others
    assert len(others) == 3
    assert len(index) == 64


@pytest.mark.parametrize(
    ("keys", "index_key"),
    [
        ({}, INDEX),
        ({"k1": OLD[:31]}, INDEX),
        ({"k1": OLD, "k2": b""}, INDEX),
        ({"k1": OLD}, INDEX[:31]),
        ({"k:1": OLD}, INDEX),
    ],
)
def test_cipher_is_refused_when_its_keys_are_not_whole(keys: dict[str, bytes], index_key: bytes):
    with pytest.raises(ValueError, match="key"):
        FieldCipher(keys, index_key)
