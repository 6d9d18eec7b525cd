"""Who may see a card, and who may do what to it (rules: Who).

Managers (单位资产管理员, 机关事务管理) work on the cards of their unit, or of all below it; a keeper on what lies in
the warehouses assigned; reviewers and accountants look. Nobody is told whether another unit's card exists.
"""

from server.assets.cards import locked_card
from server.assets.models import AssetCard
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope, require_role, scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import FieldError, InvalidInput, NotFound
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import is_keeper_of, place_facts
from server.places.types import PlaceFacts

MANAGERS = (Role.ASSET_MANAGER, Role.OPERATIONS)
HANDLERS = (*MANAGERS, Role.WAREHOUSE_KEEPER)
# Over their unit, or over all below it where the grant reaches that far.
OVERSEERS = (*MANAGERS, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)


async def get_card_for_management(uow: UnitOfWork, actor: Actor, asset_id: str) -> AssetCard:
    """The locked card, for its managers; Forbidden `role.required`, NotFound `asset.not_found`."""
    require_role(actor, *MANAGERS)
    card = await locked_card(uow, asset_id)
    if not is_in_scope(actor, card.holder_unit_path, *MANAGERS):
        raise NotFound("asset.not_found")
    return card


async def get_card_for_handling(uow: UnitOfWork, actor: Actor, asset_id: str) -> AssetCard:
    """The locked card, for whoever has the thing in hand: its managers, and the keeper of its place."""
    require_role(actor, *HANDLERS)
    card = await locked_card(uow, asset_id)
    if is_in_scope(actor, card.holder_unit_path, *MANAGERS):
        return card
    if not await is_keeper_there(uow, actor, (await place_facts(uow, card.place_id)).path):
        raise NotFound("asset.not_found")
    return card


async def place_for_putting(uow: UnitOfWork, actor: Actor, place_id: str) -> PlaceFacts:
    """An open place where the actor may put things; InvalidInput (`place_id`: `asset.place_unknown`) otherwise."""
    try:
        place = await place_facts(uow, place_id)
    except NotFound:
        raise unknown_place() from None
    if not place.is_active or not await _can_put(uow, actor, place):
        raise unknown_place()
    return place


def unknown_place() -> InvalidInput:
    """The same answer for a place that is not there, is closed, or is somebody else's."""
    return InvalidInput(fields=[FieldError("place_id", "asset.place_unknown")])


async def _can_put(uow: UnitOfWork, actor: Actor, place: PlaceFacts) -> bool:
    if place.unit_id == actor.unit_id and actor.has_role(*MANAGERS):
        return True
    return is_in_scope(actor, place.unit_path, Role.OPERATIONS) or await is_keeper_there(uow, actor, place.path)


async def is_keeper_there(rows: RowSource, actor: Actor, place_path: str) -> bool:
    """Whether the actor acts as a keeper and the place lies in a warehouse assigned."""
    if actor.person_id is None or not actor.has_role(Role.WAREHOUSE_KEEPER):
        return False
    return await is_keeper_of(rows, actor.person_id, place_path)


async def require_colleague(rows: RowSource, unit_id: str, person_id: str) -> None:
    """Raise InvalidInput (`custodian_id`: `asset.custodian_unknown`) unless the person works in the unit now."""
    row = await rows.fetch_one(
        "SELECT 1 AS found FROM post o JOIN person p ON p.id = o.person_id"
        " WHERE o.person_id = ? AND o.unit_id = ? AND o.is_active = 1 AND p.is_active = 1",
        person_id,
        unit_id,
    )
    if row is None:
        raise InvalidInput(fields=[FieldError("custodian_id", "asset.custodian_unknown")])


def readable_clause(actor: Actor) -> Clause:
    """A condition on `asset_card c` that holds for the cards the actor may see in full."""
    if actor.kind == ActorKind.SYSTEM:
        return "1 = 1", ()
    clauses: list[Clause] = [("(c.custodian_id = ? AND c.holder_unit_id = ?)", (actor.person_id, actor.unit_id))]
    if actor.has_role(*OVERSEERS):
        clauses.append(scope_clause(actor, "c.holder_unit_path", *OVERSEERS))
    if actor.has_role(Role.UNIT_ACCOUNTANT):
        clauses.append(("c.holder_unit_id = ?", (actor.unit_id,)))
    if actor.has_role(*OVERSEERS, Role.UNIT_ACCOUNTANT):
        clauses.append(("c.owner_unit_id = ?", (actor.unit_id,)))
    if actor.has_role(Role.WAREHOUSE_KEEPER):
        clauses.append(_kept_clause(actor))
    return (
        "(" + " OR ".join(sql for sql, _ in clauses) + ")",
        tuple(value for _, values in clauses for value in values),
    )


def _kept_clause(actor: Actor) -> Clause:
    kept = (
        "SELECT p.id FROM keeper_assignment k JOIN place w ON w.id = k.place_id"
        " JOIN place p ON SUBSTR(p.path, 1, LENGTH(w.path)) = w.path WHERE k.person_id = ? AND k.ended_at IS NULL"
    )
    return f"c.place_id IN ({kept})", (actor.person_id,)
