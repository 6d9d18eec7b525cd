"""A write happens once per key: the key is claimed first and answered last, in the command's own transaction."""

import hashlib
import re
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from server.kernel.actor import Actor
from server.kernel.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    LimitReached,
    NotFound,
    StateConflict,
    Unauthenticated,
    Unavailable,
)
from server.kernel.instants import to_microseconds
from server.kernel.runtime import current_runtime
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

_KINDS: dict[str, type[DomainError]] = {
    error.kind: error
    for error in (Forbidden, InvalidInput, LimitReached, NotFound, StateConflict, Unauthenticated, Unavailable)
}


# An answer says again what was typed, a telephone number among it.
ANSWER_FIELD = "idempotency_key.answer"
REQUEST_FIELD = "idempotency_key.request_hash"
# No JSON text begins so; answers of earlier releases lie open until their days are over.
_SEALED = re.compile(r"[\w-]+:")


class Replayed(Exception):
    """The key was answered before: nothing is done again, the stored answer is read."""


class Claim(msgspec.Struct, frozen=True):
    """One use of a key: `id` hides the key itself and whose it is; `request_hash` tells one body from another."""

    id: str
    request_hash: str

    @classmethod
    def of(cls, actor: Actor, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "Claim | None":
        """The claim of a call; None where the caller sent no key."""
        if actor.idempotency_key is None:
            return None
        whose = f"{actor.idempotency_scope}|{actor.idempotency_key}"
        request = msgspec.json.encode([name, args, kwargs], order="sorted").decode()
        # Keyed: all of a body but its telephone number stands elsewhere in the database, and numbers are soon tried.
        digest = current_runtime().cipher.blind_index(REQUEST_FIELD, request)
        return cls(hashlib.sha256(whose.encode()).hexdigest(), digest)


class _StoredRefusal(msgspec.Struct):
    kind: str
    code: str
    data: dict[str, Any]


async def claim_key(uow: UnitOfWork, claim: Claim) -> None:
    """Take the key, waiting for whoever holds it; raises Replayed when it was answered already."""
    try:
        await uow.execute(
            "INSERT INTO idempotency_key (id, request_hash, answer, is_refusal, created_at) VALUES (?, ?, '', 0, ?)",
            claim.id,
            claim.request_hash,
            to_microseconds(await uow.now()),
        )
    except IntegrityError as error:
        if is_duplicate(error):
            raise Replayed from error
        raise


async def store_answer(uow: UnitOfWork, claim: Claim, answer: Any) -> None:
    """Keep the answer for whoever repeats the key."""
    await uow.execute("UPDATE idempotency_key SET answer = ? WHERE id = ?", _sealed(answer), claim.id)


async def store_refusal(uow: UnitOfWork, claim: Claim, error: DomainError) -> None:
    """Keep a remembered refusal, so that a repeat hears the same."""
    refusal = _StoredRefusal(error.kind, error.code, error.data)
    await uow.execute("UPDATE idempotency_key SET answer = ?, is_refusal = 1 WHERE id = ?", _sealed(refusal), claim.id)


async def read_answer(claim: Claim) -> bytes:
    """The stored answer as JSON; raises the stored refusal, or `idempotency.key_reused` for another body."""
    async with current_runtime().database.reading() as reader:
        row = await reader.fetch_one(
            "SELECT request_hash, answer, is_refusal FROM idempotency_key WHERE id = ?", claim.id
        )
    if row is None:
        # Its holder rolled back between our two looks; the caller may simply try again.
        raise Unavailable("storage.busy")
    if row["request_hash"] != claim.request_hash:
        raise StateConflict("idempotency.key_reused")
    answer = _opened(row["answer"]).encode()
    if row["is_refusal"]:
        refusal = msgspec.json.decode(answer, type=_StoredRefusal)
        raise _KINDS[refusal.kind](refusal.code, **refusal.data)
    return answer


def _sealed(value: Any) -> str:
    return current_runtime().cipher.encrypt(ANSWER_FIELD, msgspec.json.encode(value).decode())


def _opened(stored: str) -> str:
    return current_runtime().cipher.decrypt(ANSWER_FIELD, stored) if _SEALED.match(stored) else stored
