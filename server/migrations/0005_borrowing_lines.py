"""Say of every listing which others can stand in for it, as circulation.alike does for new ones."""

import hashlib

from server.kernel.storage.database import Transaction

_WHAT = ("holder_unit_id", "category_code", "name", "brand", "model", "specification")
_BATCH = 1000


async def run(transaction: Transaction) -> None:
    """Fill `asset_listing.alike_key` where it is empty."""
    last = ""
    while rows := await transaction.fetch_all(
        "SELECT id, place_path, holder_unit_id, category_code, name, brand, model, specification FROM asset_listing"
        " WHERE alike_key = '' AND id > ? ORDER BY id LIMIT ?",
        last,
        _BATCH,
    ):
        for row in rows:
            words = [row[column] for column in _WHAT] + [row["place_path"].split("/")[0]]
            key = hashlib.blake2b("\x1f".join(words).encode(), digest_size=16).hexdigest()
            await transaction.execute("UPDATE asset_listing SET alike_key = ? WHERE id = ?", key, row["id"])
        last = rows[-1]["id"]
