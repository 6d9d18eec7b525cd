"""Whose year somebody may look at, and which years there are."""

from datetime import date

import msgspec

from server.assets.access import OVERSEERS
from server.assets.queries import overseen_unit
from server.identity.scope import Clause
from server.identity.types import RowSource, UnitFacts
from server.insights.sql import unit_clause
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, InvalidInput
from server.kernel.instants import start_of_day, to_microseconds
from server.kernel.reading import present_day

FIRST_YEAR = 2020


class YearScope(msgspec.Struct, frozen=True):
    """A unit, with those below it or not, and the instants in which the year begins and ends."""

    unit: UnitFacts
    is_below: bool
    year: int
    start: int
    end: int

    def clause(self, column: str) -> Clause:
        """The condition on a unit-path column."""
        return unit_clause(column, self.unit.path, is_below=self.is_below)


async def year_scope(rows: RowSource, actor: Actor, unit_id: str, year: int, *, is_below: bool) -> YearScope:
    """The unit's year, for its managers and accountant and whoever reviews it; the units below only by a grant that
    reaches there.

    Raises Forbidden `role.required`; NotFound `record.not_found`; InvalidInput `year.out_of_range`.
    """
    unit = await overseen_unit(rows, actor, unit_id)
    if is_below and not reaches_below(actor):
        raise Forbidden("role.required")
    return scope_of(unit, year, is_below=is_below)


def reaches_below(actor: Actor) -> bool:
    """Whether what the actor oversees reaches the units below."""
    return any(grant.is_subtree and grant.role in OVERSEERS for grant in actor.grants)


def scope_of(unit: UnitFacts, year: int, *, is_below: bool) -> YearScope:
    """The scope of a year; InvalidInput `year.out_of_range` for one that is none of ours."""
    last = present_day().year
    if not FIRST_YEAR <= year <= last:
        raise InvalidInput("year.out_of_range", first=FIRST_YEAR, last=last)
    return YearScope(unit, is_below, year, _start_of(year), _start_of(year + 1))


def year_before(scope: YearScope) -> YearScope:
    """The same of the year before."""
    return YearScope(scope.unit, scope.is_below, scope.year - 1, _start_of(scope.year - 1), scope.start)


def _start_of(year: int) -> int:
    return to_microseconds(start_of_day(date(year, 1, 1)))
