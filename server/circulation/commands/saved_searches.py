"""Keeping a search of the board, and telling its owner when something new fits."""

import msgspec
from tortoise.exceptions import IntegrityError

from server.circulation.finding_types import SavedSearchView, SaveSearch
from server.circulation.models import SavedSearch
from server.circulation.queries.finding import check_filter
from server.circulation.queries.new_finds import new_finds
from server.circulation.types import ListingFilter
from server.identity.ops import unit_facts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import Forbidden, LimitReached, NotFound, StateConflict
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify

MOST_SAVED = 20
_LONGEST_NAME = 60
_NAMED = 3


@command("saved_search.save")
async def save_search(uow: UnitOfWork, actor: Actor, request: SaveSearch) -> SavedSearchView:
    """Keep a search under a name, for the unit acted for; new listings that fit are told where that is wanted.

    Raises Forbidden `role.required` for whoever acts for no unit; InvalidInput; LimitReached `saved_search.too_many`;
    StateConflict `record.changed` where the same person saves two at once.
    """
    if actor.person_id is None or actor.unit_id is None:
        raise Forbidden("role.required")
    checks = Checks()
    name = checks.text("name", request.name, longest=_LONGEST_NAME)
    checks.finish()
    check_filter(request.wanted)
    saved = SavedSearch(
        person_id=actor.person_id,
        slot=await _free_slot(uow, actor.person_id),
        unit_id=actor.unit_id,
        name=name,
        wanted=kept_filter(request.wanted),
        wants_notice=request.wants_notice,
        seen_until=await uow.now(),
        created_at=await uow.now(),
    )
    await _add_once(uow, saved)
    await uow.record("saved_search.save", "saved_search", saved.id, wants_notice=request.wants_notice)
    return view_of(saved)


async def _free_slot(uow: UnitOfWork, person_id: str) -> int:
    """The database keeps one search for each slot, so nobody has more than there are slots."""
    taken = {row["slot"] for row in await uow.fetch_all("SELECT slot FROM saved_search WHERE person_id = ?", person_id)}
    free = next((slot for slot in range(MOST_SAVED) if slot not in taken), None)
    if free is None:
        raise LimitReached("saved_search.too_many", limit=MOST_SAVED)
    return free


async def _add_once(uow: UnitOfWork, saved: SavedSearch) -> None:
    try:
        await uow.add(saved)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise StateConflict("record.changed") from error


@command("saved_search.remove")
async def remove_search(uow: UnitOfWork, actor: Actor, search_id: str) -> None:
    """Forget one of one's own searches. NotFound `saved_search.not_found`."""
    removed = await uow.execute(
        "DELETE FROM saved_search WHERE id = ? AND person_id = ?", search_id, actor.person_id or ""
    )
    if removed != 1:
        raise NotFound("saved_search.not_found")
    await uow.record("saved_search.remove", "saved_search", search_id)


@command("saved_search.tell", is_audited=False)
async def tell_new_finds(uow: UnitOfWork, actor: Actor, search_id: str) -> int:
    """Tell the owner what was listed since the last look and fits; returns how many. Each listing is told once."""
    saved = await uow.lock(SavedSearch, search_id)
    if saved is None or not saved.wants_notice:
        return 0
    unit = await unit_facts(uow, saved.unit_id)
    finds, until = await new_finds(uow, saved, unit.region_path)
    await uow.change(SavedSearch, {"id": saved.id}, seen_until=until)
    if finds:
        names = "、".join(dict.fromkeys(finds[:_NAMED])) + ("等" if len(finds) > _NAMED else "")
        await notify(
            uow,
            [saved.person_id],
            f"“{saved.name}”有新的公物",
            f"新上架 {len(finds)} 件符合您保存的搜索：{names}。",
            "saved_search",
            saved.id,
            f"saved_search:{saved.id}:{until.timestamp():.0f}",
        )
    return len(finds)


def kept_filter(wanted: ListingFilter) -> dict[str, object]:
    """What of a filter is kept: what was chosen; the days pass, and the order is no part of what fits."""
    fields = (
        "text",
        "category_prefix",
        "region_code",
        "condition",
        "holder_unit_id",
        "place_id",
        "value_from",
        "value_to",
    )
    return {name: value for name in fields if (value := getattr(wanted, name)) not in {"", None}}


def view_of(saved: SavedSearch) -> SavedSearchView:
    """A saved search as its owner sees it."""
    return SavedSearchView(
        id=saved.id,
        name=saved.name,
        wanted=msgspec.convert(saved.wanted, ListingFilter),
        wants_notice=saved.wants_notice,
        created_at=saved.created_at,
    )
