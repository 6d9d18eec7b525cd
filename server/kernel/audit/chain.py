"""How a row of the audit is bound to the one before it."""

import hashlib
import hmac
from typing import Any

import msgspec

GENESIS = "0" * 64
SEALED_FIELDS = (
    "id",
    "at",
    "action",
    "outcome",
    "actor_kind",
    "actor_id",
    "actor_name",
    "unit_id",
    "request_id",
    "subject_kind",
    "subject_id",
    "facts",
    "sequence",
)
_encoder = msgspec.json.Encoder()


def row_hash(key: bytes, previous_hash: str, row: dict[str, Any]) -> str:
    """HMAC-SHA-256 over the previous hash and every field of the row, in a fixed order.

    Keyed, so that somebody who can write the database but has not the key cannot make a chain that fits.
    """
    content = _encoder.encode([previous_hash, *(row[name] for name in SEALED_FIELDS)])
    return hmac.new(key, content, hashlib.sha256).hexdigest()
