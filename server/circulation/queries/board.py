"""One listing, and the availability calendar, as the viewer's unit may see them."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Sequence
from datetime import date, timedelta

from server.assets.states import CONDITION_NAMES
from server.circulation.queries.board_sql import free_from_column, region_prefixes
from server.circulation.types import DayView, ListingDetail
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import days_between, from_day_number, from_microseconds, to_day_number
from server.kernel.reading import present, present_day, reading
from server.kernel.storage.database import Reader, Row
from server.policies.queries import borrowing_policy, policy_for


async def listing_view(actor: Actor, listing_id: str) -> ListingDetail:
    """An open listing within the actor's reach; raises NotFound `listing.not_found` for any other."""
    free_from, days = free_from_column("l.asset_id", present_day())
    clause, values = visible_listing(actor, "l")
    alike = (
        "SELECT COUNT(*) FROM asset_listing a WHERE a.alike_key = l.alike_key AND a.is_open = 1"
        f" AND {visible_listing(actor, 'a')[0]}"
    )
    async with reading() as db:
        row = await db.fetch_one(
            f"SELECT l.*, u.path AS holder_unit_path, u.is_operator, {free_from} AS free_from, ({alike}) AS alike_count"
            " FROM asset_listing l JOIN unit u ON u.id = l.holder_unit_id"
            f" WHERE l.id = ? AND l.is_open = 1 AND {clause}",
            *days,
            *values,
            listing_id,
            *values,
        )
    if row is None:
        raise NotFound("listing.not_found")
    return _detail(actor, row)


def visible_listing(actor: Actor, alias: str) -> Clause:
    """The condition on a listing for being within the actor's reach."""
    prefixes = region_prefixes(actor.region_path)
    if not prefixes:
        return "1 = 0", ()
    return f"{alias}.reach_path IN ({', '.join('?' * len(prefixes))})", tuple(prefixes)


def _detail(actor: Actor, row: Row) -> ListingDetail:
    names = [name for name in ListingDetail.__struct_fields__ if name in row]
    can_close = is_in_scope(actor, row["holder_unit_path"], Role.ASSET_MANAGER) or (
        bool(row["is_operator"]) and is_in_scope(actor, row["holder_unit_path"], Role.OPERATIONS)
    )
    return ListingDetail(
        **{
            **{name: row[name] for name in names},
            "condition_name": CONDITION_NAMES[row["condition"]],
            "listed_at": from_microseconds(row["listed_at"]),
            "free_from": from_day_number(row["free_from"]),
            "can_borrow": actor.has_role(Role.BORROWER) and actor.unit_id != row["holder_unit_id"],
            "can_close": can_close,
        }
    )


async def availability(actor: Actor, asset_id: str, month: date) -> list[DayView]:
    """Every day of the calendar month in which `month` lies, for a card on the board within the actor's reach.

    Raises NotFound `listing.not_found`.
    """
    first = month.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    today = present_day()
    async with reading() as db:
        limit = today + timedelta(days=await _booking_ahead(db, actor, asset_id))
        rows = await db.fetch_all(
            "SELECT day FROM asset_day WHERE asset_id = ? AND day BETWEEN ? AND ?",
            asset_id,
            to_day_number(first),
            to_day_number(last),
        )
    held = {from_day_number(row["day"]) for row in rows}
    return [_day(day, today, limit, held) for day in days_between(first, last)]


async def _booking_ahead(db: Reader, actor: Actor, asset_id: str) -> int:
    clause, values = visible_listing(actor, "l")
    row = await db.fetch_one(
        "SELECT r.path FROM asset_listing l JOIN unit u ON u.id = l.holder_unit_id JOIN region r"
        f" ON r.code = u.region_code WHERE l.asset_id = ? AND l.is_open = 1 AND {clause}",
        asset_id,
        *values,
    )
    if row is None:
        raise NotFound("listing.not_found")
    return borrowing_policy(await policy_for(db, "borrowing", row["path"], present())).booking_ahead_days


def _day(day: date, today: date, limit: date, held: set[date]) -> DayView:
    if day < today:
        return DayView(day, "past")
    if day in held:
        return DayView(day, "held")
    return DayView(day, "beyond" if day > limit else "free")


async def open_listing_of(rows: RowSource, asset_id: str) -> str | None:
    """The id of the card's open listing, whoever asks; None where it is not on the board."""
    row = await rows.fetch_one("SELECT id FROM asset_listing WHERE open_key = ?", asset_id)
    return None if row is None else str(row["id"])


async def listed_among(asset_ids: Sequence[str]) -> set[str]:
    """Those of these cards that are on the board, whoever asks."""
    if not asset_ids:
        return set()
    marks = ", ".join("?" * len(asset_ids))
    async with reading() as rows:
        found = await rows.fetch_all(f"SELECT open_key FROM asset_listing WHERE open_key IN ({marks})", *asset_ids)
    return {row["open_key"] for row in found}
