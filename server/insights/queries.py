"""A unit's year on one page (年度小结), and the lists that its figures count."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from server.identity.types import RowSource
from server.insights.loans import late_now, loan_figures, loan_rows
from server.insights.losses import loss_figures, loss_rows
from server.insights.reuse import listed_now, listing_rows, need_rows, reuse_figures
from server.insights.saving import saved_rows, saving_of
from server.insights.scope import YearScope, reaches_below, year_before, year_scope
from server.insights.types import (
    LoanKind,
    LossSide,
    MetNeed,
    OfferedThing,
    SavedThing,
    UnitYear,
    YearFigures,
    YearLoan,
    YearLoss,
)
from server.kernel.actor import Actor
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading

__all__ = [
    "YearQuestion",
    "list_met_needs",
    "list_offered",
    "list_saved",
    "list_year_loans",
    "list_year_losses",
    "unit_year",
]
T = TypeVar("T", YearLoan, MetNeed, OfferedThing, YearLoss)


class YearQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Whose year, with the units below or without."""

    unit_id: str
    year: int
    is_below: bool = False


async def name_of_year(actor: Actor, asked: YearQuestion) -> str:
    """What the unit is called whose year is asked about. Raises as `unit_year`."""
    async with reading() as db:
        scope = await year_scope(db, actor, asked.unit_id, asked.year, is_below=asked.is_below)
    return scope.unit.name


async def unit_year(actor: Actor, asked: YearQuestion) -> UnitYear:
    """The figures of a unit's year beside the year before, and how things stand now.

    For the unit's managers and accountant and whoever reviews it. Raises Forbidden `role.required`; NotFound
    `record.not_found`; InvalidInput `year.out_of_range`.
    """
    async with reading() as db:
        scope = await year_scope(db, actor, asked.unit_id, asked.year, is_below=asked.is_below)
    figures, before = await _figures_of(scope), await _figures_of(year_before(scope))
    async with reading() as db:
        return UnitYear(
            unit_id=scope.unit.id,
            unit_name=scope.unit.name,
            is_below=scope.is_below,
            can_see_below=reaches_below(actor),
            figures=figures,
            before=before,
            late_now=await late_now(db, scope, "borrower_unit_path"),
            late_lent_now=await late_now(db, scope, "holder_unit_path"),
            listed_now=await listed_now(db, scope),
        )


async def _figures_of(scope: YearScope) -> YearFigures:
    """All figures of one year. Each is read by itself: a district's year must not wear out one reading's deadline."""
    async with reading() as db:
        lent = await loan_figures(db, scope, "lent")
    async with reading() as db:
        borrowed = await loan_figures(db, scope, "borrowed")
    async with reading() as db:
        saving = await saving_of(db, scope)
    async with reading() as db:
        reuse = await reuse_figures(db, scope)
    async with reading() as db:
        losses, caused = await loss_figures(db, scope, "losses"), await loss_figures(db, scope, "caused")
    return YearFigures(
        year=scope.year,
        lent=lent,
        borrowed=borrowed,
        saving=saving,
        losses=losses,
        caused=caused,
        **msgspec.structs.asdict(reuse),
    )


async def list_year_loans(
    actor: Actor, asked: YearQuestion, kind: LoanKind, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[YearLoan]:
    """The loans that a figure counts, the latest first. Raises as `unit_year`; InvalidInput for a made-up cursor."""
    return await _page(actor, asked, cursor, size, lambda db, at, after, most: loan_rows(db, at, kind, after, most))


async def list_year_losses(
    actor: Actor, asked: YearQuestion, side: LossSide, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[YearLoss]:
    """The cases of lost and damaged things that a figure counts. Raises as `list_year_loans`."""
    return await _page(actor, asked, cursor, size, lambda db, at, after, most: loss_rows(db, at, side, after, most))


async def list_met_needs(
    actor: Actor, asked: YearQuestion, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[MetNeed]:
    """The purchase needs that were met from what there is. Raises as `list_year_loans`."""
    return await _page(actor, asked, cursor, size, need_rows)


async def list_offered(
    actor: Actor, asked: YearQuestion, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[OfferedThing]:
    """What was offered to others. Raises as `list_year_loans`."""
    return await _page(actor, asked, cursor, size, listing_rows)


async def list_saved(
    actor: Actor, asked: YearQuestion, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[SavedThing]:
    """What need not be bought, thing by thing, with its price and where that is from. Raises as `list_year_loans`."""
    position = decode_cursor(cursor, str)
    async with reading() as db:
        scope = await year_scope(db, actor, asked.unit_id, asked.year, is_below=asked.is_below)
        things, last = await saved_rows(db, scope, position[0] if position else None, size)
    return Page(things, encode_cursor(last) if last is not None and len(things) == size else None)


async def _page(
    actor: Actor,
    asked: YearQuestion,
    cursor: str | None,
    size: int,
    fetch: Callable[[RowSource, YearScope, str | None, int], Awaitable[list[T]]],
) -> Page[T]:
    position = decode_cursor(cursor, str)
    async with reading() as db:
        scope = await year_scope(db, actor, asked.unit_id, asked.year, is_below=asked.is_below)
        rows = await fetch(db, scope, position[0] if position else None, size + 1)
    return page_of(rows, size, lambda row: encode_cursor(row.id))
