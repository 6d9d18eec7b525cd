"""The list of synonyms is changed as a whole, by those who keep the catalogue, and each version stays."""

import asyncio

import pytest

from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, InvalidInput, StateConflict
from server.kernel.messages import sentence_for
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from server.search.commands import change_synonyms
from server.search.queries import current_synonyms, list_synonym_versions
from server.search.types import ChangeSynonyms, SynonymsView
from tests.factories.identity import make_actor, make_city
from tests.search.test_search import SYSTEM, found, index_now, named


async def in_force() -> SynonymsView:
    async with reading() as db:
        return await current_synonyms(db)


@pytest.fixture
async def keeper(runtime: Runtime) -> Actor:
    city = await make_city()
    return await make_actor("钱江", city.operator, Role.OPERATIONS, is_subtree=True)


def change(words: str, based_on: int = 0, reason: str = "补充本地叫法") -> ChangeSynonyms:
    return ChangeSynonyms(words, reason, based_on)


async def test_search_follows_the_new_list_at_once(keeper: Actor):
    await index_now(SYSTEM, "thing", {"a": named("投影仪"), "b": named("便携式计算机")})
    assert (await found("光影宝"), await found("笔记本")) == ([], ["b"])
    made = await change_synonyms(keeper, change("# 本地\r\n投影仪 = 光影宝  \n"))
    assert (made.version, made.created_by_name) == (1, "钱江")
    assert (await found("光影宝"), await found("笔记本")) == (["a"], [])
    await change_synonyms(keeper, change("笔记本 = 便携式计算机", based_on=1, reason="换回"))
    assert (await found("光影宝"), await found("笔记本")) == ([], ["b"])
    async with reading() as db:
        versions = await list_synonym_versions(db)
        audit = await db.fetch_all("SELECT facts FROM audit_event WHERE action = 'search.change_synonyms' ORDER BY id")
    assert [(each.version, each.reason) for each in versions] == [(2, "换回"), (1, "补充本地叫法")]
    assert len(audit) == 2


@pytest.mark.parametrize(
    ("words", "code", "row"),
    [
        ("投影仪 = 投影机\n孤单", "search.synonyms_lone", 2),
        ("投影仪 =", "search.synonyms_long", 1),
        ("投影仪 = ！！", "search.synonyms_long", 1),
        (f"投影仪 = {'长' * 33}", "search.synonyms_long", 1),
    ],
)
async def test_every_wrong_line_is_named(keeper: Actor, words: str, code: str, row: int):
    with pytest.raises(InvalidInput) as refused:
        await change_synonyms(keeper, change(words))
    fault = refused.value.fields[0]
    assert (fault.field, fault.code, fault.data["row"]) == ("words", code, row)
    assert f"第 {row} 行" in sentence_for(fault)
    assert (await in_force()).version == 0


async def test_list_is_refused_when_it_is_too_long_unchanged_or_without_a_reason(keeper: Actor):
    with pytest.raises(InvalidInput) as long:
        await change_synonyms(keeper, change("投影仪 = 投影机\n" * 2001))
    with pytest.raises(InvalidInput) as same:
        await change_synonyms(keeper, change((await in_force()).words))
    with pytest.raises(InvalidInput) as silent:
        await change_synonyms(keeper, change("投影仪 = 投影机", reason=" "))
    assert long.value.fields[0].code == "search.synonyms_many"
    assert same.value.code == "search.synonyms_unchanged"
    assert [fault.field for fault in silent.value.fields] == ["reason"]


async def test_one_of_two_changes_wins_when_both_start_from_the_same_list(keeper: Actor):
    requests = [change(f"投影仪 = 投影机{number}") for number in range(6)]
    answers = await asyncio.gather(*(change_synonyms(keeper, each) for each in requests), return_exceptions=True)
    refused = [each for each in answers if isinstance(each, StateConflict)]
    assert {each.code for each in refused} == {"search.synonyms_changed"} and len(refused) == 5
    assert (await in_force()).version == 1


async def test_only_operations_over_their_subtree_may_change_the_list(runtime: Runtime):
    city = await make_city()
    for actor in (
        await make_actor("金灿", city.operator, Role.OPERATIONS),
        await make_actor("周敏", city.health, Role.ASSET_MANAGER, is_subtree=True),
    ):
        with pytest.raises(Forbidden):
            await change_synonyms(actor, change("投影仪 = 投影机"))
    assert (await in_force()).version == 0
