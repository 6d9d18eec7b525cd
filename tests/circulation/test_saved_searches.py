"""Saved searches: one's own, few, and told once of everything new that fits."""

import asyncio
from collections.abc import Callable

import pytest

from server.circulation.commands import remove_search, save_search
from server.circulation.commands.saved_searches import MOST_SAVED, tell_new_finds
from server.circulation.finding_types import SavedSearchView, SaveSearch
from server.circulation.jobs import tell_of_new_finds
from server.circulation.queries import list_saved_searches
from server.circulation.types import ListingFilter
from server.identity.roles import Role
from server.kernel.actor import Actor, system_actor
from server.kernel.errors import Forbidden, InvalidInput, LimitReached, NotFound, StateConflict
from server.notices.queries import list_notices
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.factories.circulation import Hall, make_listed_projector
from tests.factories.identity import make_actor
from tests.support.meanwhile import while_changing

GoToDay = Callable[[int], None]


async def save(actor: Actor, text: str = "投影仪", **changes: object) -> SavedSearchView:
    wanted = ListingFilter(text=text, **changes)  # type: ignore[arg-type]
    return await save_search(actor, SaveSearch(text, wanted))


async def told(actor: Actor) -> list[tuple[str, str]]:
    return [(notice.title, notice.body) for notice in (await list_notices(actor)).items]


async def test_own_searches_are_kept_and_removed(hall: Hall):
    first = await save(hall.borrower, "投影仪", condition="good", sort="value")
    second = await save(hall.borrower, "办公桌")
    await save(hall.approver)
    kept = await list_saved_searches(hall.borrower)
    assert [each.id for each in kept] == [second.id, first.id]
    assert kept[1].wanted == ListingFilter(text="投影仪", condition="good")
    with expect_refusal(NotFound, "saved_search.not_found"):
        await remove_search(hall.approver, first.id)
    await remove_search(hall.borrower, first.id)
    with expect_refusal(NotFound, "saved_search.not_found"):
        await remove_search(hall.borrower, first.id)
    assert [each.id for each in await list_saved_searches(hall.borrower)] == [second.id]


@pytest.mark.parametrize("name", ["", "   ", "长" * 61, "名\x00称"])
async def test_search_is_not_kept_when_its_name_is_wrong(hall: Hall, name: str):
    with pytest.raises(InvalidInput) as refused:
        await save_search(hall.borrower, SaveSearch(name, ListingFilter()))
    assert [fault.field for fault in refused.value.fields] == ["name"]


async def test_search_is_not_kept_when_its_filter_is_wrong_or_nobody_asks(hall: Hall):
    with expect_refusal(InvalidInput, "input.not_a_choice"):
        await save(hall.borrower, condition="shiny")
    with pytest.raises(InvalidInput):
        await save_search(hall.borrower, SaveSearch("长", ListingFilter(text="投" * 65)))
    with expect_refusal(Forbidden, "role.required"):
        await save(system_actor("test"))
    assert await list_saved_searches(hall.borrower) == []


async def test_nobody_keeps_more_than_a_few_however_fast(hall: Hall):
    async def one(number: int) -> bool:
        try:
            await save(hall.borrower, f"投影{number}")
        except (LimitReached, StateConflict):
            return False
        return True

    saved = [await one(number) for number in range(MOST_SAVED - 2)]
    saved += await asyncio.gather(*(one(number) for number in range(8)))
    assert len(await list_saved_searches(hall.borrower)) == sum(saved) <= MOST_SAVED
    while sum(saved) < MOST_SAVED:
        saved.append(await one(99))
    with expect_refusal(LimitReached, "saved_search.too_many"):
        await save(hall.borrower)


async def test_owner_is_told_once_of_what_was_listed_since(hall: Hall, go_to_day: GoToDay):
    await save(hall.borrower)
    await save(hall.borrower, "办公桌")
    await save_search(hall.approver, SaveSearch("不必告诉", ListingFilter(text="投影仪"), wants_notice=False))
    await save(hall.lender)  # whose own unit lists it
    await make_listed_projector(hall.ledger, model="CB-L520U")
    await tell_of_new_finds()
    assert await told(hall.borrower) == []  # what was listed this very minute waits for the next look
    go_to_day(1)
    for _ in range(2):
        await tell_of_new_finds()
    title, body = "“投影仪”有新的公物", "新上架 1 件符合您保存的搜索：投影仪 爱普生 CB-L520U。"
    assert await told(hall.borrower) == [(title, body)]
    assert await told(hall.approver) == await told(hall.lender) == []


async def test_nothing_out_of_reach_is_told(hall: Hall, go_to_day: GoToDay):
    stranger = await make_actor("何静", hall.ledger.city.xihu_education, Role.BORROWER)
    await save(stranger)
    await save_search(hall.borrower, SaveSearch("全部", ListingFilter()))
    await make_listed_projector(hall.ledger, reach="district", model="CB-L520U")
    go_to_day(1)
    await tell_of_new_finds()
    assert await told(stranger) == []
    assert len(await told(hall.borrower)) == 1


async def test_owner_is_told_nothing_when_notices_are_being_switched_off(
    hall: Hall, go_to_day: GoToDay, settings: Settings
):
    kept = await save(hall.borrower)
    await make_listed_projector(hall.ledger)
    go_to_day(1)
    off = "UPDATE saved_search SET wants_notice = 0 WHERE id = ?"
    assert await while_changing(settings, lambda: tell_new_finds(system_actor("test"), kept.id), off, kept.id) == "done"
    assert await told(hall.borrower) == []
