"""One use case, one transaction: locks, writes, audit and outbox rows commit together or not at all."""

import contextvars
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NoReturn, TypeVar

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import ValidationError
from tortoise.models import Model

from server.kernel.actor import Actor
from server.kernel.errors import DomainError
from server.kernel.ids import new_id
from server.kernel.instants import to_microseconds
from server.kernel.lock_order import LockLedger
from server.kernel.runtime import Runtime, current_runtime
from server.kernel.storage.database import Row, Transaction
from server.kernel.storage.statements import first_or_next, insertion, locking_select, record_of

M = TypeVar("M", bound=Model)
_inside: contextvars.ContextVar[bool] = contextvars.ContextVar("inside_unit_of_work", default=False)
_canonical = msgspec.json.Encoder(order="sorted")
_EMITTED_AT_ONCE = 200


class Refusal(Exception):
    """Carries a refusal that must be remembered out of a command: the transaction commits, then the error is raised."""

    def __init__(self, error: DomainError) -> None:
        super().__init__(error.code)
        self.error = error


class UnitOfWork:
    """One open transaction and what goes out with it. `client` is for the ORM's `using_db`."""

    def __init__(self, runtime: Runtime, transaction: Transaction, actor: Actor) -> None:
        self.actor = actor
        self.transaction = transaction
        self.audited = 0
        self._runtime = runtime
        self._locks = LockLedger()
        self._now: datetime | None = None
        self._messages: list[tuple[str, str]] = []
        self._has_outbox = False

    @property
    def client(self) -> BaseDBAsyncClient:
        """The transaction's connection, for the ORM."""
        return self.transaction.client

    async def now(self) -> datetime:
        """The instant of this unit of work, from the database; read once."""
        if self._now is None:
            self._now = await self._runtime.clock.of_transaction(self.transaction)
        return self._now

    # Reads and locks

    async def lock(self, model: type[M], row_id: str) -> M | None:
        """Fetch one row and hold it until the end (FOR UPDATE); None where there is none."""
        self._locks.take(model._meta.db_table, row_id)
        row = await self.fetch_one(locking_select(model, self.transaction.dialect), row_id)
        return None if row is None else record_of(model, row)

    async def lock_all(self, model: type[M], row_ids: Iterable[str]) -> list[M]:
        """Fetch and hold several rows, in the order of their ids."""
        # What somebody typed may be longer than the column: no row can have it, and it must not spoil the query.
        longest = getattr(model._meta.pk, "max_length", None)
        ordered = sorted({row_id for row_id in row_ids if longest is None or len(row_id) <= longest})
        for row_id in ordered:
            self._locks.take(model._meta.db_table, row_id)
        rows = model.filter(pk__in=ordered).using_db(self.client).order_by(model._meta.pk_attr)
        return await rows.select_for_update()

    async def find(self, model: type[M], **where: Any) -> M | None:
        """The first row that fits, without a lock."""
        try:
            return await model.filter(**where).using_db(self.client).order_by(model._meta.pk_attr).first()
        except ValidationError:
            # What somebody typed is longer than the column: no row can have it.
            return None

    async def find_all(self, model: type[M], **where: Any) -> list[M]:
        """All rows that fit, by id, without a lock."""
        try:
            return await model.filter(**where).using_db(self.client).order_by(model._meta.pk_attr)
        except ValidationError:
            return []

    async def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """Raw rows inside this transaction; `?` placeholders."""
        return await self.transaction.fetch_all(sql, *values)

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """The first raw row inside this transaction."""
        return await self.transaction.fetch_one(sql, *values)

    # Writes

    async def add(self, record: Model) -> None:
        """Insert a record; a taken key raises the storage's IntegrityError (see storage.faults.is_duplicate)."""
        sql, values = insertion(record, self.transaction.dialect)
        await self.execute(sql, *values)

    async def change(self, model: type[Model], where: Mapping[str, Any], /, **values: Any) -> int:
        """Conditional update; the number of rows whose condition held."""
        return await model.filter(**where).using_db(self.client).update(**values)

    async def change_one(
        self, model: type[Model], where: Mapping[str, Any], /, *, otherwise: DomainError, **values: Any
    ) -> None:
        """Conditional update of exactly one row; raises `otherwise` when its condition no longer holds."""
        if await self.change(model, where, **values) != 1:
            raise otherwise

    async def execute(self, sql: str, *values: Any) -> int:
        """A raw write; the number of rows its condition matched."""
        return await self.transaction.execute(sql, *values)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """A raw write for each row, sent together; a taken key raises as in `add`."""
        await self.transaction.execute_many(sql, rows)

    async def next_number(self, series: str) -> int:
        """The next number of a gapless series, 1 first. Locks the series, so ask for it last."""
        return await self.next_numbers(series, 1)

    async def next_numbers(self, series: str, count: int) -> int:
        """The first of the next `count` numbers of a gapless series, all of which are the caller's."""
        self._locks.take_counter()
        changed = await self.execute("UPDATE counter SET value = value + ? WHERE series = ?", count, series)
        if changed == 0:
            # Two first users meet here, each having found no row: the second waits and counts on from the first.
            await self.execute(first_or_next(self.transaction.dialect), series, count, count)
        row = await self.fetch_one("SELECT value FROM counter WHERE series = ?", series)
        assert row is not None
        return int(row["value"]) - count + 1

    # What goes out with the commit

    async def record(
        self,
        action: str,
        subject_kind: str,
        subject_id: str,
        *,
        outcome: str = "done",
        **facts: Any,
    ) -> None:
        """Insert the audit row of this command. `facts`: JSON-able; no secrets and no personal fields in clear."""
        actor = self.actor
        await self.execute(
            "INSERT INTO audit_event (id, at, action, outcome, actor_kind, actor_id, actor_name, unit_id, request_id,"
            " subject_kind, subject_id, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            new_id(),
            to_microseconds(await self.now()),
            action,
            outcome,
            str(actor.kind),
            actor.person_id,
            actor.person_name,
            actor.unit_id,
            actor.request_id,
            subject_kind,
            subject_id,
            _canonical.encode(facts).decode(),
        )
        self.audited += 1

    async def emit(self, topic: str, payload: Any, *, due_at: datetime | None = None) -> None:
        """Leave an outbox row: the relay hands it to every handler of `topic` after the commit, at least once."""
        instant = to_microseconds(await self.now())
        await self.execute(
            "INSERT INTO outbox_event (id, topic, payload, created_at, due_at, attempts) VALUES (?, ?, ?, ?, ?, 0)",
            new_id(),
            topic,
            _canonical.encode(payload).decode(),
            instant,
            instant if due_at is None else to_microseconds(due_at),
        )
        self._has_outbox = True

    async def emit_all(self, topic: str, payloads: Sequence[Any]) -> None:
        """As `emit`, for many at once: what concerns thousands of things is not thousands of statements."""
        instant = to_microseconds(await self.now())
        for start in range(0, len(payloads), _EMITTED_AT_ONCE):
            some = payloads[start : start + _EMITTED_AT_ONCE]
            values = [
                value
                for payload in some
                for value in (new_id(), topic, _canonical.encode(payload).decode(), instant, instant)
            ]
            marks = ", ".join(["(?, ?, ?, ?, ?, 0)"] * len(some))
            await self.execute(
                f"INSERT INTO outbox_event (id, topic, payload, created_at, due_at, attempts) VALUES {marks}",
                *values,
            )
        self._has_outbox = self._has_outbox or bool(payloads)

    def publish_after_commit(self, channel: str, message: str = "") -> None:
        """Tell other processes' caches after the commit; may be lost, so nothing may depend on it but freshness."""
        self._messages.append((channel, message))

    def refuse(self, error: DomainError) -> NoReturn:
        """Refuse, and remember it: what was written so far is committed, then `error` reaches the caller."""
        raise Refusal(error)

    async def commit(self) -> None:
        """Make it last; what goes out with it is sent by `send` once the connection is given back."""
        await self.transaction.commit()

    async def send(self) -> None:
        """Wake the relay and tell other processes' caches: after the commit, holding nothing that others wait for."""
        if self._has_outbox:
            for wake in self._runtime.wake_relay:
                wake()
        for channel, message in dict.fromkeys(self._messages):
            await self._runtime.pubsub.publish(channel, message)


@asynccontextmanager
async def unit_of_work(actor: Actor) -> AsyncIterator[UnitOfWork]:
    """Open one transaction for `actor`; commits when the block ends well, rolls back otherwise.

    Nesting raises: a use case that needs another's work joins it through that domain's `ops`.
    """
    if _inside.get():
        raise RuntimeError("a unit of work is open already: join it through ops")
    token = _inside.set(True)
    runtime = current_runtime()
    refused: DomainError | None = None
    try:
        async with runtime.database.transaction() as transaction:
            uow = UnitOfWork(runtime, transaction, actor)
            try:
                yield uow
            except Refusal as refusal:
                refused = refusal.error
            await uow.commit()
        await uow.send()
    finally:
        _inside.reset(token)
    if refused is not None:
        raise refused
