"""Changes of units: what waits, what was done, what a waiting one would move."""

from server.identity.following import amounts
from server.identity.models import Unit, UnitChange
from server.identity.queries.units import visible_units
from server.identity.reorganisation import all_obstacles, reorganisation_of
from server.identity.scope import Clause, scope_clause
from server.identity.types import UnitChangePreview, UnitChangeView
from server.identity.unit_access import SEEN_BY
from server.identity.views import unit_change_views
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import NotFound
from server.kernel.messages import sentence_for
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.storage.statements import record_of

_MOST_SHOWN = 50


async def list_unit_changes(
    actor: Actor, state: str = "", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[UnitChangeView]:
    """The changes of the units within the administrators' scope, the latest first. Forbidden `role.required`."""
    clause, values = _seen(actor)
    conditions, bound = [clause], [*values]
    if state:
        conditions.append("x.state = ?")
        bound.append(state)
    if (position := decode_cursor(cursor, str)) is not None:
        conditions.append("x.id < ?")
        bound += position
    async with reading() as rows:
        found = await unit_change_views(rows, " AND ".join(conditions), *bound, limit=size + 1)
    return page_of(found, size, lambda change: encode_cursor(change.id))


async def unit_change_by_id(actor: Actor, change_id: str) -> UnitChangeView:
    """One change; NotFound `record.not_found` where it is out of scope. Forbidden `role.required`."""
    clause, values = _seen(actor)
    async with reading() as rows:
        found = await unit_change_views(rows, f"x.id = ? AND {clause}", change_id, *values)
    if not found:
        raise NotFound("record.not_found")
    return found[0]


async def preview_unit_change(actor: Actor, change_id: str) -> UnitChangePreview:
    """What a waiting change would move now. NotFound, Forbidden as `unit_change_by_id`; empty once it is decided."""
    view = await unit_change_by_id(actor, change_id)
    if view.state != "proposed":
        return UnitChangePreview([], [])
    async with reading() as rows:
        change = await rows.fetch_one("SELECT * FROM unit_change WHERE id = ?", change_id)
        units = {
            row["id"]: record_of(Unit, row)
            for row in await rows.fetch_all("SELECT * FROM unit WHERE id IN (?, ?)", view.from_unit_id, view.to_unit_id)
        }
        assert change is not None
        row = record_of(UnitChange, change)
        wanted = await reorganisation_of(rows, row, units[view.from_unit_id], units[view.to_unit_id])
        moving = [(amount.label, amount.number) for amount in await amounts(rows, wanted)]
        return UnitChangePreview(moving, [sentence_for(each) for each in await all_obstacles(rows, wanted)])


async def history_of_unit(actor: Actor, unit_id: str) -> list[UnitChangeView]:
    """What was done to a unit, and what joined it, the latest first, for whoever sees the unit."""
    clause, values = visible_units(actor, "f.path")
    other, bound = visible_units(actor, "t.path")
    async with reading() as rows:
        return await unit_change_views(
            rows,
            f"x.state = 'done' AND ((x.from_unit_id = ? AND {clause}) OR (x.to_unit_id = ? AND {other}))",
            unit_id,
            *values,
            unit_id,
            *bound,
            limit=_MOST_SHOWN,
        )


def _seen(actor: Actor) -> Clause:
    return ("1 = 1", ()) if actor.kind == ActorKind.SYSTEM else scope_clause(actor, "f.path", *SEEN_BY)
