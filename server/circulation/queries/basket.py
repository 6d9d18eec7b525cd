"""What is in the actor's basket."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from server.circulation.alike import root_of
from server.circulation.queries.board_sql import region_prefixes
from server.circulation.types import BasketItemView
from server.identity.access import require_person
from server.kernel.actor import Actor
from server.kernel.reading import reading
from server.kernel.storage.database import Row


async def list_basket(actor: Actor) -> list[BasketItemView]:
    """Everything in the actor's basket for the unit acted for, the first put in first."""
    person_id = require_person(actor)
    prefixes = region_prefixes(actor.region_path)
    marks = ", ".join("?" * len(prefixes)) or "''"
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT i.asset_id, i.quantity, l.id AS listing_id, c.name, u.name AS holder_unit_name, l.place_name,"
            " l.place_path, l.picture_id, c.category_code, l.longest_days, c.holder_unit_id,"
            " (SELECT COUNT(*) FROM asset_listing a WHERE a.alike_key = l.alike_key AND a.is_open = 1"
            f" AND a.reach_path IN ({marks})) AS alike_count"
            " FROM basket_item i JOIN asset_card c ON c.id = i.asset_id JOIN unit u ON u.id = c.holder_unit_id"
            f" LEFT JOIN asset_listing l ON l.open_key = i.asset_id AND l.reach_path IN ({marks})"
            " WHERE i.person_id = ? AND i.unit_id = ? ORDER BY i.id",
            *prefixes,
            *prefixes,
            person_id,
            actor.unit_id,
        )
    return [_item(row) for row in rows]


def _item(row: Row) -> BasketItemView:
    return BasketItemView(
        asset_id=row["asset_id"],
        quantity=row["quantity"],
        listing_id=row["listing_id"],
        name=row["name"],
        holder_unit_name=row["holder_unit_name"],
        place_name=row["place_name"] or "",
        picture_id=row["picture_id"],
        category_code=row["category_code"],
        longest_days=row["longest_days"] or 0,
        alike_count=int(row["alike_count"]),
        party=f"{row['holder_unit_id']} {root_of(row['place_path'] or '')}",
    )
