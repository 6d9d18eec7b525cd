"""Loading the working-day calendar."""

from tortoise.exceptions import IntegrityError

from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.dictionaries import Change, note_changes
from server.kernel.errors import InvalidInput, StateConflict
from server.kernel.instants import from_day_number, to_day_number
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.policies.access import require_region_for_change
from server.policies.models import CalendarDay
from server.policies.types import CalendarEntry, CalendarLoaded, LoadCalendar


@command("policies.load_calendar")
async def load_calendar(uow: UnitOfWork, actor: Actor, request: LoadCalendar) -> CalendarLoaded:
    """Add or replace days; loading the same again changes nothing. Raises InvalidInput naming every wrong day;
    StateConflict `record.changed` when somebody else adds one of them at the same time; Forbidden and NotFound as
    `require_region_for_change`. Region "" (everywhere) is for the product itself."""
    await require_region_for_change(uow, actor, "calendar", request.region_code)
    _check(request)
    first, last = min(entry.day for entry in request.days), max(entry.day for entry in request.days)
    rows = await uow.fetch_all(
        "SELECT day, is_working, name, source FROM calendar_day WHERE region_code = ? AND day BETWEEN ? AND ?",
        request.region_code,
        to_day_number(first),
        to_day_number(last),
    )
    known = {from_day_number(row["day"]): (bool(row["is_working"]), row["name"], row["source"]) for row in rows}
    added = changed = 0
    told = []
    for entry in request.days:
        before = known.get(entry.day)
        if before is None:
            await _add(uow, request, entry)
            added += 1
        elif before != (entry.is_working, entry.name, request.source):
            await _change(uow, request, entry)
            changed += 1
        was = _in_words(before[0], before[1]) if before else None
        told.append(Change(f"{request.region_code} {entry.day}".strip(), was, _in_words(entry.is_working, entry.name)))
    await note_changes(uow, "calendar", request.source, (each for each in told if each.before != each.after))
    loaded = CalendarLoaded(added=added, changed=changed, unchanged=len(request.days) - added - changed)
    await uow.record(
        "calendar.loaded",
        "calendar",
        request.region_code or "default",
        source=request.source,
        first=first.isoformat(),
        last=last.isoformat(),
        added=added,
        changed=changed,
    )
    return loaded


def _in_words(is_working: bool, name: str) -> str:
    return f"{'上班' if is_working else '休息'}（{name}）"


def _check(request: LoadCalendar) -> None:
    if not request.days:
        raise InvalidInput("calendar.no_days")
    checks = Checks()
    checks.text("source", request.source, longest=128, shortest=2)
    seen = set()
    for index, entry in enumerate(request.days):
        checks.text(f"days.{index}.name", entry.name, longest=64)
        if entry.day in seen:
            checks.fault(f"days.{index}.day", "calendar.day_twice")
        seen.add(entry.day)
    checks.finish()


async def _add(uow: UnitOfWork, request: LoadCalendar, entry: CalendarEntry) -> None:
    day = CalendarDay(
        region_code=request.region_code,
        day=entry.day,
        is_working=entry.is_working,
        name=entry.name,
        source=request.source,
    )
    try:
        await uow.add(day)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("record.changed") from error
        raise


async def _change(uow: UnitOfWork, request: LoadCalendar, entry: CalendarEntry) -> None:
    await uow.change(
        CalendarDay,
        {"region_code": request.region_code, "day": entry.day},
        is_working=entry.is_working,
        name=entry.name,
        source=request.source,
    )
