"""Proofs as they were made: the text that was stored, and whether it still has its hash."""

import hashlib

import msgspec

from server.identity.types import RowSource
from server.kernel.errors import NotFound
from server.kernel.instants import from_day_number
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row
from server.procurement.types import ProofDocument, ProofFacts, ProofView


async def read_proof(rows: RowSource, proof_id: str) -> ProofView:
    """A proof, for a caller that has checked who may see it. NotFound `proof.not_found`."""
    row = await rows.fetch_one("SELECT id, document, hash, valid_until FROM idle_proof WHERE id = ?", proof_id)
    if row is None:
        raise NotFound("proof.not_found")
    return ProofView(
        id=row["id"],
        hash=row["hash"],
        is_fresh=from_day_number(row["valid_until"]) >= present_day(),
        is_intact=is_intact(row),
        document=document_of(row),
    )


def document_of(row: Row) -> ProofDocument:
    """What a stored proof says."""
    return msgspec.json.decode(row["document"], type=ProofDocument)


def is_intact(row: Row) -> bool:
    """Whether the stored text still has the hash that it was given."""
    return bool(hash_of(row["document"]) == row["hash"])


def hash_of(document: str) -> str:
    """SHA-256 of a proof's text, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


async def proof_facts(proof_id: str) -> ProofFacts:
    """What a proof's verification code shows, to anybody who has the paper; raises NotFound `proof.not_found`."""
    async with reading() as db:
        view = await read_proof(db, proof_id)
    document = view.document
    return ProofFacts(
        number=document.number,
        unit_name=document.unit_name,
        item=document.need.item,
        quantity=document.need.quantity,
        searched_at=document.searched_at,
        hit_count=len(document.hits),
        valid_until=document.valid_until,
        hash=view.hash,
        is_intact=view.is_intact,
    )
