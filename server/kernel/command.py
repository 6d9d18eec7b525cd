"""`@command`: a use case runs as its own shielded task, in one unit of work, again from its start where the storage
asks for it, within a deadline, and once per idempotency key.

Why a task of its own: Sanic cancels the handler when the client hangs up; a cancellation that lands inside the begin or
commit of a transaction leaked its connection (500 hang-ups left SQLite deadlocked and MariaDB's pool empty).
"""

import asyncio
import functools
import logging
import random
import typing
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import msgspec

from server.kernel.actor import Actor
from server.kernel.errors import DomainError, Unavailable
from server.kernel.idempotency import Claim, Replayed, claim_key, read_answer, store_answer, store_refusal
from server.kernel.runtime import current_runtime
from server.kernel.storage.faults import is_away, is_try_again
from server.kernel.unit_of_work import Refusal, UnitOfWork, unit_of_work

P = ParamSpec("P")
R = TypeVar("R")
_log = logging.getLogger("server.command")
_ATTEMPTS = 12
_running: set[asyncio.Task[Any]] = set()
COMMANDS: dict[str, Callable[..., Any]] = {}


def command(
    name: str, *, is_audited: bool = True, seconds: float | None = None
) -> Callable[
    [Callable[Concatenate[UnitOfWork, Actor, P], Coroutine[Any, Any, R]]],
    Callable[Concatenate[Actor, P], Coroutine[Any, Any, R]],
]:
    """Make `verb_noun(uow, actor, request)` callable as `verb_noun(actor, request)`. `name`: stable, dotted.
    `seconds`: a deadline of its own, for work in the background that nobody waits for at a page.

    Raises what the use case raises; Unavailable `storage.busy` or `storage.unavailable` when the storage does not
    let it through in time. An audited command that leaves no audit row is a programming error and is rolled back.
    """

    def decorate(
        use_case: Callable[Concatenate[UnitOfWork, Actor, P], Coroutine[Any, Any, R]],
    ) -> Callable[Concatenate[Actor, P], Coroutine[Any, Any, R]]:
        @functools.wraps(use_case)
        async def run(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            async def once() -> R:
                return await _once(name, use_case, is_audited, actor, args, kwargs)

            task = asyncio.create_task(_with_retries(name, once, seconds), name=name)
            _running.add(task)
            task.add_done_callback(_forget)
            return await asyncio.shield(task)

        COMMANDS[name] = run
        return cast("Callable[Concatenate[Actor, P], Coroutine[Any, Any, R]]", run)

    return decorate


async def finish_commands() -> None:
    """Wait for every command that still runs: at shutdown, and for callers who hung up."""
    while _running:
        await asyncio.gather(*list(_running), return_exceptions=True)


def _forget(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and task.exception() is not None:
        # Marks the exception as seen where the caller has gone; whoever still waits gets it too.
        _log.debug("%s ended with %r", task.get_name(), task.exception())


async def _with_retries(name: str, once: Callable[[], Coroutine[Any, Any, R]], seconds: float | None) -> R:
    try:
        async with asyncio.timeout(seconds or current_runtime().command_seconds):
            return await _until_through(name, once)
    except TimeoutError as error:
        raise Unavailable("storage.unavailable") from error


async def _until_through(name: str, once: Callable[[], Coroutine[Any, Any, R]]) -> R:
    for attempt in range(_ATTEMPTS):
        try:
            return await once()
        except (DomainError, asyncio.CancelledError):
            raise
        except Exception as error:  # every other error is sorted here: again, away, or a fault of ours
            if is_away(error):
                raise Unavailable("storage.unavailable") from error
            if not is_try_again(error):
                raise
            _log.info("%s runs again after %r", name, error)
        await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 5)))
    raise Unavailable("storage.busy")


async def _once(
    name: str,
    use_case: Callable[..., Coroutine[Any, Any, R]],
    is_audited: bool,
    actor: Actor,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> R:
    claim = Claim.of(actor, name, args, kwargs)
    try:
        async with unit_of_work(actor) as uow:
            if claim is not None:
                await claim_key(uow, claim)
            try:
                answer = await use_case(uow, actor, *args, **kwargs)
            except Refusal as refusal:
                if claim is not None:
                    await store_refusal(uow, claim, refusal.error)
                raise
            if is_audited and not uow.audited:
                raise RuntimeError(f"{name} left no audit row")
            if claim is not None:
                await store_answer(uow, claim, answer)
            return answer
    except Replayed:
        assert claim is not None
        stored = await read_answer(claim)
        return typing.cast(R, msgspec.json.decode(stored, type=_answer_type(use_case)))


@functools.cache
def _answer_type(use_case: Callable[..., Any]) -> Any:
    return typing.get_type_hints(use_case).get("return", Any)
