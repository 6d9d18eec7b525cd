"""What a listing is found by."""

# ruff: noqa: S608 - placeholders only; what comes from outside is bound

from server.circulation.models import AssetListing
from server.classification.naming import is_said
from server.classification.queries import branches_of
from server.identity.types import RowSource
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork
from server.search.fields import Document, Field, Role
from server.search.ops import index_documents, remove_document

_MAKES = ((Role.BRAND, "brand"), (Role.MODEL, "model"))
SEARCH_KIND = "listing"


async def index_listing(uow: UnitOfWork, listing: AssetListing) -> None:
    """Keep the index in step with a listing that this unit of work has written."""
    await index_documents(uow, SEARCH_KIND, await listing_documents(uow, [listing.id]))


async def forget_listing(uow: UnitOfWork, listing_id: str) -> None:
    """Let the listing be found no more."""
    await remove_document(uow, SEARCH_KIND, listing_id)


async def listing_documents(rows: RowSource, ids: list[str]) -> list[Document]:
    """The listings as the index keeps them."""
    found = await rows.fetch_all(
        "SELECT l.id, l.code, c.item_name, l.brand, l.model, l.specification, l.category_code, l.category_name,"
        " l.holder_unit_name, u.short_name, l.region_name, l.place_name FROM asset_listing l"
        " JOIN asset_card c ON c.id = l.asset_id JOIN unit u ON u.id = l.holder_unit_id"
        f" WHERE l.id IN ({', '.join('?' * len(ids))})",
        *ids,
    )
    branches = await branches_of(rows, {row["category_code"] for row in found})
    return [_document(row, branches.get(row["category_code"], [])) for row in found]


def _document(row: Row, branches: list[str]) -> Document:
    fields = (
        Field(Role.NAME, row["item_name"]),
        Field(Role.CATEGORY, row["category_name"]),
        *(Field(role, row[name]) for role, name in _MAKES if is_said(row[name])),
        Field(Role.CODE, row["code"]),
        Field(Role.SPECIFICATION, row["specification"]),
        Field(Role.UNIT, row["holder_unit_name"]),
        Field(Role.UNIT, row["short_name"]),
        Field(Role.PLACE, row["region_name"]),
        Field(Role.PLACE, row["place_name"]),
        *(Field(Role.BRANCH, name) for name in branches),
    )
    return Document(row["id"], fields)
