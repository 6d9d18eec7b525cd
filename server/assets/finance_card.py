"""The finance system's card number (预算管理一体化固定资产卡片号): a second key from outside, unique by the storage."""

from typing import NoReturn

from server.assets.access import readable_clause
from server.kernel.actor import Actor
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


async def refuse_taken(uow: UnitOfWork, actor: Actor, number: str) -> NoReturn:
    """Raise StateConflict `asset.finance_card_taken_by` naming the card, where the actor may see it; without its name
    (`asset.finance_card_taken`) where it is another unit's."""
    clause, values = readable_clause(actor)
    row = await uow.fetch_one(
        f"SELECT c.code FROM asset_card c WHERE c.finance_card_no = ? AND {clause}",  # noqa: S608 - clause is ours
        number,
        *values,
    )
    if row is None:
        raise StateConflict("asset.finance_card_taken")
    raise StateConflict("asset.finance_card_taken_by", asset_code=row["code"])
