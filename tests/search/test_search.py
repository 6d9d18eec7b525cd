"""The index finds every part of a word, inside any query, in step with what was committed."""

import asyncio
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.kernel.actor import Actor, system_actor
from server.kernel.command import command
from server.kernel.errors import InvalidInput
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import UnitOfWork
from server.search.fields import Document, Field, Role, terms_of
from server.search.grams import normalized, part_tokens, parts_of, term_tokens
from server.search.ops import index_document, index_documents, remove_document
from server.search.pinyin import initials_of, syllables_of
from server.search.queries import search
from server.search.types import MOST_RANKED, Ranking, Within

SYSTEM = system_actor("test")
ITEMS = ["投影仪", "便携式投影仪", "投影幕布", "办公桌", "会议桌", "折叠椅", "碎纸机", "笔记本电脑", "𠮷野杉屏风"]
BRANDS = ["爱普生", "明基", "联想", "得力", "海康威视", "大疆"]
EVERYTHING = Within("(SELECT DISTINCT document AS id FROM search_posting) s", "s.id", "1 = 1", ())


@command("test.index", is_audited=False)
async def index_now(uow: UnitOfWork, actor: Actor, kind: str, documents: dict[str, list[Field]]) -> None:
    """Keep some documents."""
    await index_documents(uow, kind, [Document(key, tuple(fields)) for key, fields in documents.items()])


@command("test.unindex", is_audited=False)
async def unindex_now(uow: UnitOfWork, actor: Actor, kind: str, document_id: str) -> None:
    """Forget one."""
    await remove_document(uow, kind, document_id)


@command("test.index_and_fail", is_audited=False)
async def index_and_fail(uow: UnitOfWork, actor: Actor, document_id: str) -> None:
    """Keep a document in a unit of work that does not commit."""
    await index_document(uow, "thing", document_id, Field(Role.NAME, "碎纸机"))
    raise InvalidInput("input.invalid")


def named(*names: str) -> list[Field]:
    """A document's names."""
    return [Field(Role.NAME, name) for name in names]


async def ranking(text: str, kind: str = "thing", within: Within = EVERYTHING) -> Ranking:
    async with reading() as db:
        return await search(db, kind, text, within)


async def found(text: str, kind: str = "thing") -> list[str]:
    """Ids in the order in which they were ranked."""
    return [hit.id for hit in (await ranking(text, kind)).hits]


def holding(documents: dict[str, list[Field]], text: str) -> set[str]:
    """What has every word in one of its texts, by looking at every text."""
    words = [normalized(word) for word in text.split()]
    return {
        key
        for key, fields in documents.items()
        if all(any(word in normalized(f.text) for f in fields) for word in words)
    }


def shelf(number: int, seed: int) -> dict[str, list[Field]]:
    chance = random.Random(seed)
    return {
        f"thing{place:011d}": [
            Field(Role.NAME, chance.choice(ITEMS)),
            Field(Role.BRAND, chance.choice(BRANDS)),
            Field(Role.MODEL, f"{chance.choice('ABCX')}B-X{place % 40:02d}"),
            Field(Role.CODE, f"A02020200-330113{place % 7:03d}-2026-{place:04d}"),
        ]
        for place in range(number)
    }


async def test_search_finds_whatever_holds_the_words(runtime: Runtime, is_full_size: bool):
    documents = shelf(5000 if is_full_size else 300, seed=7)
    await index_now(SYSTEM, "thing", documents)
    for text in [
        "投影",
        "影仪",
        "机",
        "爱普生",
        "x06",
        "CB-X06",
        "ＡＢ-ｘ１",
        "投影 明基",
        "𠮷",
        "𠮷野",
        "0",
        "海康 折叠椅 x",
    ]:
        assert (wanted := holding(documents, text)) and set(await found(text)) == wanted, text
    for text in ["仪明", "电脑桌", "空调", "投影 空调"]:
        assert await found(text) == [], text


async def test_codes_are_found_by_their_parts_and_as_a_whole(runtime: Runtime):
    await index_now(SYSTEM, "thing", shelf(60, seed=7))
    for text in ("A02020200-330113004-2026-0011", "330113004-2026-0011"):
        assert await found(text) == ["thing00000000011"], text
    assert len(await found("33011300")) == 60


async def test_parts_that_are_not_neighbours_are_not_found(runtime: Runtime):
    await index_now(SYSTEM, "thing", {"a": named("投影 影仪"), "b": named("投影仪"), "c": named("仪投", "影仪")})
    assert (await found("投影仪"))[0] == "b" and "c" not in await found("投影仪")


async def test_blank_and_punctuation_find_nothing(runtime: Runtime):
    await index_now(SYSTEM, "thing", {"a": named("投影仪"), "b": named("办公桌")})
    for text in ("", " \u3000\t", "！、。-", "🙂", "🙂🙂 ％"):
        assert await found(text) == [], text
    assert await found("投影 ！") == ["a"]


@pytest.mark.parametrize(
    "text",
    ['"投影" OR 办公', "NEAR(投影)", "投影) OR 1=1 --", "tokens:投影", "{投影}", "投影^2 NOT 仪", "投\x00影%_\\'"],
)
async def test_query_language_is_only_text_when_searched(runtime: Runtime, text: str):
    await index_now(SYSTEM, "thing", {"a": named("投影仪"), "b": named("办公桌")})
    assert set(await found(text)) <= {"a"}


async def test_operators_around_a_word_are_punctuation(runtime: Runtime):
    await index_now(SYSTEM, "thing", {"a": named("投影仪"), "b": named("办公桌")})
    assert await found("+投影 -仪") == await found("投影*") == await found('"投影"') == ["a"]


async def test_kinds_do_not_see_each_other(runtime: Runtime):
    await index_now(SYSTEM, "thing", {"a": named("投影仪")})
    await index_now(SYSTEM, "trader", {"b": named("投影仪销售有限公司")})
    assert (await found("投影"), await found("投影", "trader")) == (["a"], ["b"])
    await unindex_now(SYSTEM, "trader", "a")
    assert await found("投影") == ["a"]


async def test_index_follows_when_a_document_changes_or_goes(runtime: Runtime):
    await index_now(SYSTEM, "thing", {"a": [*named("投影仪"), Field(Role.BRAND, "爱普生")]})
    await index_now(SYSTEM, "thing", {"a": [*named("投影仪"), Field(Role.BRAND, "索尼")]})
    assert (await found("爱普生"), await found("索尼")) == ([], ["a"])
    await unindex_now(SYSTEM, "thing", "a")
    assert await found("索尼") == []


async def test_nothing_is_found_when_the_unit_of_work_was_rolled_back(runtime: Runtime):
    with pytest.raises(InvalidInput):
        await index_and_fail(SYSTEM, "a")
    assert await found("碎纸机") == []


async def test_every_document_is_kept_when_forty_are_written_at_once(runtime: Runtime):
    documents = shelf(40, seed=3)
    await asyncio.gather(*(index_now(SYSTEM, "thing", {key: fields}) for key, fields in documents.items()))
    assert set(await found("投影")) == holding(documents, "投影") != set()
    assert len(await found("33011300")) == 40


async def test_only_what_is_within_is_ranked(runtime: Runtime):
    await index_now(SYSTEM, "thing", {"a": named("投影仪"), "b": named("投影仪"), "c": named("投影仪", "会议室")})
    within = Within(EVERYTHING.source, "s.id", "s.id <> ?", ("b",))
    assert {hit.id for hit in (await ranking("投影", within=within)).hits} == {"a", "c"}
    assert {hit.id for hit in (await ranking("投影 会议", within=within)).hits} == {"c"}
    assert {hit.id for hit in (await ranking("投影以", within=within)).hits} == {"a", "c"}


async def test_broad_words_rank_the_best_thousand_and_say_so(runtime: Runtime):
    lamps = {f"l{number:06d}": named("投影仪灯泡") for number in range(MOST_RANKED)}
    await index_now(SYSTEM, "thing", {**lamps, "p000000": named("投影仪"), "m000000": named("会议椅")})
    broad = await ranking("投影仪")
    assert broad.is_capped and len(broad.hits) == MOST_RANKED
    assert [hit.id for hit in broad.hits[:2]] == ["p000000", "l000999"]
    assert not (await ranking("会议椅")).is_capped


def test_query_is_refused_when_it_is_longer_than_any_name():
    with pytest.raises(InvalidInput):
        asyncio.run(search(None, "thing", "投" * 65, EVERYTHING))  # type: ignore[arg-type]


def test_a_text_in_two_roles_counts_in_the_weightier():
    fields = (Field(Role.CATEGORY, "投影仪"), Field(Role.NAME, "投影仪"), Field(Role.PLACE, "  "))
    assert [term.role for term in terms_of("thing", Document("a", fields)).values()] == [Role.NAME]


@given(st.text(max_size=30), st.data())
def test_every_part_of_a_text_has_its_tokens_in_the_term(text: str, data: st.DataObject):
    plain = normalized(text)
    if plain:
        start = data.draw(st.integers(0, len(plain) - 1))
        part = plain[start : data.draw(st.integers(start + 1, len(plain)))]
        assert set(part_tokens("thing", part)) <= set(term_tokens("thing", plain, (), ""))
    assert normalized(plain) == plain
    assert "".join(parts_of(plain)) == plain


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=20))
@example("𠮷野杉屏风")
def test_tokens_are_plain_words_for_either_storage(text: str):
    plain = normalized(text)
    syllables = syllables_of(plain)
    for token in term_tokens("thing", plain, syllables, initials_of(syllables)):
        assert token.isascii() and token.isalnum() and token.islower() and len(token) > 2
