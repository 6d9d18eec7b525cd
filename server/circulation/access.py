"""Who sees and who handles what: fetch, lock and permission in one function. What is out of sight is NotFound."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from typing import Any

from server.circulation.models import AssetListing, Borrowing, BorrowingLine
from server.circulation.states import STATE_NAMES, BorrowingState
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope, prefix_clause, require_role, scope_clause
from server.identity.types import RowSource, UnitFacts
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import is_keeper_of, kept_places, place_facts

_REVIEWERS = (Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)
_BORROWER_SIDE = (Role.ASSET_MANAGER, *_REVIEWERS)
LENDERS = (Role.ASSET_MANAGER, Role.OPERATIONS)
# Who decides about damage and about what is paid: where the holder has a single manager, who found the damage, the
# department above is the second person.
JUDGES = (*LENDERS, Role.COMPETENT_REVIEWER)
AT_DESK = (Role.ASSET_MANAGER, Role.WAREHOUSE_KEEPER)


def require_lister(actor: Actor, holder: UnitFacts) -> None:
    """Let pass the holder's asset manager, and operations where the holder runs warehouses."""
    if not is_lister(actor, holder):
        raise NotFound("asset.not_found")


def is_lister(actor: Actor, holder: UnitFacts) -> bool:
    """Whether the actor offers and lends what the unit holds."""
    return is_in_scope(actor, holder.path, Role.ASSET_MANAGER) or (
        holder.is_operator and is_in_scope(actor, holder.path, Role.OPERATIONS)
    )


async def get_listing_for_closing(uow: UnitOfWork, actor: Actor, listing_id: str) -> AssetListing:
    """The open listing, locked, for whoever may take it down."""
    # Before the listing is looked for: whoever may not lend hears that, and not whether there is such a listing.
    require_role(actor, *LENDERS)
    listing = await uow.lock(AssetListing, listing_id)
    if listing is None or not is_lister(actor, await unit_facts(uow, listing.holder_unit_id)):
        raise NotFound("listing.not_found")
    if not listing.is_open:
        raise StateConflict("listing.closed")
    return listing


async def visible_clause(rows: RowSource, actor: Actor, alias: str = "b") -> Clause:
    """The condition on `borrowing` for what the actor may see.

    The applicant sees their own; the borrowing unit's asset manager and the reviewers above see the unit's; the
    holding unit's asset manager, operations, the department above and the keepers of the place see the holder's;
    reviewers also see whatever they were asked about.
    """
    if actor.kind == ActorKind.SYSTEM:
        return "1 = 1", ()
    clauses = [(f"{alias}.applicant_id = ?", (actor.person_id,))]
    for column, roles in (("borrower_unit_path", _BORROWER_SIDE), ("holder_unit_path", JUDGES)):
        if actor.has_role(*roles):
            clauses.append(scope_clause(actor, f"{alias}.{column}", *roles))
    clauses += [_asked(actor, alias, role) for role in _BORROWER_SIDE if actor.has_role(role)]
    clauses += [prefix_clause(f"{alias}.place_path", path) for path in await desk_paths(rows, actor)]
    sql = " OR ".join(clause for clause, _ in clauses)
    return f"({sql})", tuple(value for _, values in clauses for value in values)


def _asked(actor: Actor, alias: str, role: str) -> Clause:
    scope, values = scope_clause(actor, "t.unit_path", role)
    tasks = "SELECT 1 FROM approval_chain c JOIN approval_task t ON t.chain_id = c.id"
    sql = (
        f"(EXISTS ({tasks} WHERE c.subject_kind = 'borrowing' AND c.subject_id = {alias}.id AND t.role = ? AND {scope})"
        f" OR EXISTS ({tasks} JOIN borrowing_renewal n ON n.id = c.subject_id WHERE c.subject_kind = 'renewal'"
        f" AND n.borrowing_id = {alias}.id AND t.role = ? AND {scope}))"
    )
    return sql, (role, *values, role, *values)


async def desk_paths(rows: RowSource, actor: Actor) -> list[str]:
    """The places in which the actor works as a keeper."""
    if actor.person_id is None or not actor.has_role(Role.WAREHOUSE_KEEPER):
        return []
    return await kept_places(rows, actor.person_id)


async def require_visible(rows: RowSource, actor: Actor, borrowing_id: str) -> None:
    """Raise NotFound `borrowing.not_found` unless the actor may see the borrowing."""
    clause, values = await visible_clause(rows, actor)
    row = await rows.fetch_one(f"SELECT b.id FROM borrowing b WHERE b.id = ? AND {clause}", borrowing_id, *values)
    if row is None:
        raise NotFound("borrowing.not_found")


def is_withdrawer(actor: Actor, borrowing: Borrowing | Any) -> bool:
    """Whether the actor applied, or manages the assets of the unit that did."""
    is_applicant = actor.person_id is not None and borrowing.applicant_id == actor.person_id
    return is_applicant or is_in_scope(actor, borrowing.borrower_unit_path, Role.ASSET_MANAGER)


async def find_for_withdrawal(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> Borrowing:
    """The borrowing, not locked: its approvals come first in the lock order."""
    borrowing = await uow.find(Borrowing, id=borrowing_id)
    if borrowing is not None and is_withdrawer(actor, borrowing):
        return borrowing
    await require_visible(uow, actor, borrowing_id)
    raise Forbidden("role.required")


async def is_at_desk(rows: RowSource, actor: Actor, holder_unit_path: str, place_path: str) -> bool:
    """Whether the actor hands out and takes back here: the holder's asset manager, or a keeper of the place."""
    if is_in_scope(actor, holder_unit_path, Role.ASSET_MANAGER):
        return True
    if actor.person_id is None or not actor.has_role(Role.WAREHOUSE_KEEPER):
        return False
    return await is_keeper_of(rows, actor.person_id, place_path)


async def require_desk_of_place(uow: UnitOfWork, actor: Actor, holder_unit_path: str, place_id: str) -> None:
    """Let pass whoever is at the desk of a thing kept at `place_id`; NotFound `asset.not_found` otherwise."""
    place = await place_facts(uow, place_id)
    if not await is_at_desk(uow, actor, holder_unit_path, place.path):
        raise NotFound("asset.not_found")


async def get_borrowing_for_desk(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> Borrowing:
    """The borrowing, locked, for whoever is at the desk of its place."""
    borrowing = await uow.lock(Borrowing, borrowing_id)
    if borrowing is not None and await is_at_desk(uow, actor, borrowing.holder_unit_path, borrowing.place_path):
        return borrowing
    await require_visible(uow, actor, borrowing_id)
    raise Forbidden("role.required")


def is_judge(actor: Actor, holder_unit_path: str) -> bool:
    """Whether the actor decides about damage to the holder's things, and who pays: see `JUDGES`."""
    return is_in_scope(actor, holder_unit_path, *JUDGES)


async def get_borrowing_for_damage(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> Borrowing:
    """The borrowing, locked, for whoever decides about damage: the holder's asset manager, operations, or the
    department above."""
    borrowing = await uow.lock(Borrowing, borrowing_id)
    if borrowing is not None and is_judge(actor, borrowing.holder_unit_path):
        return borrowing
    await require_visible(uow, actor, borrowing_id)
    raise Forbidden("role.required")


async def lock_line(uow: UnitOfWork, borrowing: Borrowing, asset_id: str) -> BorrowingLine:
    """The line of a card on a locked borrowing, locked; raises StateConflict `borrowing.asset_not_on_it`.

    Whoever changes a line holds its borrowing first, so its other lines can be read without locks.
    """
    found = await uow.find(BorrowingLine, borrowing_id=borrowing.id, asset_id=asset_id)
    line = None if found is None else await uow.lock(BorrowingLine, found.id)
    if line is None:
        raise StateConflict("borrowing.asset_not_on_it")
    return line


def require_state(borrowing: Borrowing, *states: BorrowingState) -> None:
    """Raise StateConflict `borrowing.wrong_state` unless the borrowing is in one of `states`."""
    if borrowing.state not in states:
        raise StateConflict("borrowing.wrong_state", state_name=STATE_NAMES[borrowing.state])


def require_system(actor: Actor) -> None:
    """Let pass the product's own jobs alone."""
    if actor.kind != ActorKind.SYSTEM:
        raise Forbidden("role.required")
