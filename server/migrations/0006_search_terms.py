"""Fills the new search index from the cards and the open listings, some thousand at a time."""

from collections.abc import Awaitable, Callable

from server.assets.indexing import SEARCH_KIND as CARDS
from server.assets.indexing import card_documents
from server.circulation.indexing import SEARCH_KIND as LISTINGS
from server.circulation.indexing import listing_documents
from server.identity.types import RowSource
from server.kernel.storage.database import Transaction
from server.search.fields import Document
from server.search.ops import write_documents

_AT_ONCE = 2000


async def run(transaction: Transaction) -> None:
    """Index everything that can be found."""
    await _fill(transaction, CARDS, "SELECT id FROM asset_card WHERE id > ? ORDER BY id LIMIT ?", card_documents)
    await _fill(
        transaction,
        LISTINGS,
        "SELECT id FROM asset_listing WHERE is_open = 1 AND id > ? ORDER BY id LIMIT ?",
        listing_documents,
    )


async def _fill(
    transaction: Transaction,
    kind: str,
    sql: str,
    documents: Callable[[RowSource, list[str]], Awaitable[list[Document]]],
) -> None:
    last = ""
    while ids := [row["id"] for row in await transaction.fetch_all(sql, last, _AT_ONCE)]:
        await write_documents(transaction, kind, await documents(transaction, ids))
        last = ids[-1]
