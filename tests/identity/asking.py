"""How tests ask: refusals by code, tokens into actors, rows behind the commands."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from server.identity.actors import anonymous_actor
from server.identity.commands import LogIn, begin_totp_setup, confirm_totp, log_in
from server.identity.queries import session_for_token
from server.identity.totp import code_at, step_of
from server.identity.types import SessionFacts, SessionGrant
from server.kernel.actor import Actor
from server.kernel.errors import DomainError
from server.kernel.reading import present, reading
from tests.factories.identity import PASSWORD

NOBODY = anonymous_actor("test-request")


async def refused(asked: Awaitable[Any]) -> DomainError:
    """The refusal that `asked` ends in."""
    with pytest.raises(DomainError) as caught:
        await asked
    return caught.value


async def refusal_code(asked: Awaitable[Any]) -> str:
    """The code of that refusal; for bad fields, the first field's code."""
    error = await refused(asked)
    fields = getattr(error, "fields", [])
    return fields[0].code if fields else error.code


async def outcomes(asked: Iterable[Awaitable[Any]]) -> Counter[str]:
    """How often each answer came when all were asked at once: `done`, or the refusal's code."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, DomainError):
            raise answer
    return Counter(answer.code if isinstance(answer, DomainError) else "done" for answer in answers)


async def enter(login_name: str, password: str = PASSWORD) -> SessionGrant:
    """Log in on the web."""
    return await log_in(NOBODY, LogIn(login_name, password, "Firefox"))


async def facts_of(grant: SessionGrant) -> SessionFacts:
    """The live session of a grant."""
    facts = await session_for_token(grant.token, "test-request")
    assert facts is not None
    return facts


async def actor_by(grant: SessionGrant) -> Actor:
    """Who acts by a grant."""
    return (await facts_of(grant)).actor


def code_now(secret: str, *, later: int = 0) -> str:
    """The authenticator's code, `later` steps from now."""
    return code_at(secret, step_of(present()) + later)


async def set_up_totp(grant: SessionGrant) -> tuple[str, SessionGrant]:
    """Set up the second factor in a session; its secret, and the session that goes on."""
    actor = await actor_by(grant)
    setup = await begin_totp_setup(actor)
    return setup.secret, await confirm_totp(actor, code_now(setup.secret, later=-1))


async def stored(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows as they lie in the storage."""
    async with reading() as rows:
        return await rows.fetch_all(sql, *values)


def is_recent(instant: datetime) -> bool:
    """Whether an instant lies within the last minute."""
    return abs((datetime.now(UTC) - instant).total_seconds()) < 60
