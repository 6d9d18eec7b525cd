"""The basket: what somebody means to apply for together. Nothing is promised by it."""

from server.circulation.choosing import MOST_LINES, check_lines, looked_at
from server.circulation.models import BasketItem
from server.circulation.rules import get_borrower
from server.circulation.types import WantedLine
from server.identity.access import require_person
from server.identity.roles import Role
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import Forbidden, LimitReached, NotFound
from server.kernel.ids import new_id
from server.kernel.instants import to_microseconds
from server.kernel.unit_of_work import UnitOfWork


@command("basket.put", is_audited=False)
async def put_in_basket(uow: UnitOfWork, actor: Actor, request: WantedLine) -> int:
    """Put a thing on the board into one's basket, or change how many; returns how many kinds are in it now.

    Raises InvalidInput; Forbidden `role.required`, `borrowing.own_asset` and what keeps a unit from borrowing; NotFound
    `listing.not_found`; StateConflict `listing.closed`; LimitReached `basket.full`.
    """
    person_id = require_person(actor)
    require_role(actor, Role.BORROWER)
    check_lines([request])
    unit = await get_borrower(uow, actor)
    [offer] = await looked_at(uow, actor, [request])
    if offer["holder_unit_id"] == unit.id:
        raise Forbidden("borrowing.own_asset")
    where = {"person_id": person_id, "unit_id": unit.id, "asset_id": request.asset_id}
    if await uow.find(BasketItem, **where) is None:
        await uow.execute(
            "INSERT INTO basket_item (id, person_id, unit_id, asset_id, quantity, added_at) VALUES (?, ?, ?, ?, ?, ?)",
            new_id(),
            *where.values(),
            request.quantity,
            to_microseconds(await uow.now()),
        )
    else:
        await uow.change(BasketItem, where, quantity=request.quantity)
    number = len(await uow.find_all(BasketItem, person_id=person_id, unit_id=unit.id))
    if number > MOST_LINES:
        raise LimitReached("basket.full", limit=MOST_LINES)
    return number


@command("basket.take", is_audited=False)
async def take_from_basket(uow: UnitOfWork, actor: Actor, asset_id: str) -> int:
    """Take a thing out of one's basket; returns how many kinds are left. Raises NotFound `basket.not_in_it`."""
    person_id = require_person(actor)
    if not await forget_basket(uow, actor, [asset_id]):
        raise NotFound("basket.not_in_it")
    return len(await uow.find_all(BasketItem, person_id=person_id, unit_id=actor.unit_id))


async def forget_basket(uow: UnitOfWork, actor: Actor, asset_ids: list[str]) -> int:
    """Take things out of the actor's basket: they were applied for. Returns how many of them were in it."""
    return sum(
        [
            await uow.execute(
                "DELETE FROM basket_item WHERE person_id = ? AND unit_id = ? AND asset_id = ?",
                actor.person_id,
                actor.unit_id,
                asset_id,
            )
            for asset_id in asset_ids
        ]
    )
