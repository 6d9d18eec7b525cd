"""What a card is found by."""

# ruff: noqa: S608 - placeholders only; what comes from outside is bound

from server.assets.models import AssetCard
from server.classification.naming import is_said
from server.classification.queries import branches_of
from server.identity.types import RowSource
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import place_names
from server.search.fields import Document, Field, Role
from server.search.ops import index_documents

_MAKES = ((Role.BRAND, "brand"), (Role.MODEL, "model"))
SEARCH_KIND = "asset"
# The columns whose change changes what a card is found by.
FOUND_BY = frozenset(
    {"code", "item_name", "brand", "model", "specification", "category_code", "holder_unit_id", "place_id"}
)


async def index_card(uow: UnitOfWork, card: AssetCard) -> None:
    """Keep the index in step with a card that this unit of work has written."""
    await index_cards(uow, [card.id])


async def index_cards(uow: UnitOfWork, ids: list[str]) -> None:
    """The same for many at once, as an import writes them."""
    await index_documents(uow, SEARCH_KIND, await card_documents(uow, ids))


async def forget_cards(uow: UnitOfWork, ids: list[str]) -> None:
    """Cards that are there no more are found no more."""
    await index_documents(uow, SEARCH_KIND, [Document(each, ()) for each in ids])


async def card_documents(rows: RowSource, ids: list[str]) -> list[Document]:
    """The cards as the index keeps them."""
    found = await rows.fetch_all(
        "SELECT c.id, c.code, c.item_name, c.brand, c.model, c.specification, c.category_code, c.place_id,"
        " k.name AS category_name, u.name AS unit_name, u.short_name FROM asset_card c"
        " JOIN unit u ON u.id = c.holder_unit_id LEFT JOIN category k ON k.code = c.category_code"
        f" WHERE c.id IN ({', '.join('?' * len(ids))})",
        *ids,
    )
    places = await place_names(rows, {row["place_id"] for row in found})
    branches = await branches_of(rows, {row["category_code"] for row in found})
    return [_document(row, places.get(row["place_id"], ""), branches.get(row["category_code"], [])) for row in found]


def _document(row: Row, place: str, branches: list[str]) -> Document:
    fields = (
        Field(Role.NAME, row["item_name"]),
        Field(Role.CATEGORY, row["category_name"] or ""),
        *(Field(role, row[name]) for role, name in _MAKES if is_said(row[name])),
        Field(Role.CODE, row["code"]),
        Field(Role.SPECIFICATION, row["specification"]),
        Field(Role.UNIT, row["unit_name"]),
        Field(Role.UNIT, row["short_name"]),
        Field(Role.PLACE, place),
        *(Field(Role.BRANCH, name) for name in branches),
    )
    return Document(row["id"], fields)
