"""One thing going out and coming back over HTTP, every step asked for until it is acknowledged."""

from collections import Counter
from typing import Any

from server.kernel.ids import new_id
from server.kernel.storage.database import Reader
from tests.factories.town import Thing, wanted
from tests.support.http import data_of
from tests.support.phones import Phone

# What each step leaves in the audit, and the state that it reaches.
_STEPS = (
    ("borrowing.submit", "submitted"),
    ("approval.decided", "submitted"),
    ("approval.decided", "approved"),
    ("borrowing.ready", "ready"),
    ("borrowing.issue", "issued"),
    ("borrowing.return", "returned"),
    ("borrowing.inspect", "closed"),
)
LENGTH = len(_STEPS)
_YES = {"is_approved": True, "opinion": "同意"}


class Loan:
    """A borrowing of `thing`, brought on step by step. `acknowledged`: path, body, key and answer of each write."""

    def __init__(self, thing: Thing, borrower: Phone, approver: Phone, lender: Phone) -> None:
        self.thing = thing
        self.id = ""
        self.acknowledged: list[tuple[Phone, str, Any, str, Any]] = []
        self._borrower, self._approver, self._lender = borrower, approver, lender

    async def go(self, steps: int) -> None:
        """Take the first `steps` of LENGTH steps."""
        for number in range(steps):
            await self._step(number)

    async def _step(self, number: int) -> None:
        match number:
            case 0:
                self.id = (await self._write(self._borrower, "/borrowings", wanted(self.thing.id)))["id"]
            case 1 | 2:
                caller = (self._approver, self._lender)[number - 1]
                await self._write(caller, f"/approvals/{await caller.task_of(self.id)}/decision", _YES)
            case 3:
                await self._write(self._lender, f"/borrowings/{self.id}/readiness", None)
            case 4:
                receipt = {"code": self.thing.code, "received_by": "李晓梅"}
                await self._write(self._lender, "/issues", receipt)
            case 5:
                await self._write(self._lender, "/returns", {"code": self.thing.code})
            case 6:
                found = {"asset_id": self.thing.id, "result": "intact"}
                await self._write(self._lender, f"/borrowings/{self.id}/inspection", found)

    async def _write(self, caller: Phone, path: str, body: Any) -> Any:
        key = new_id()
        data = data_of(await caller.insist(path, body, key=key), 201)
        self.acknowledged.append((caller, path, body, key, data))
        return data

    async def require_kept(self, reader: Reader) -> None:
        """Fail unless the storage holds every acknowledged step exactly once, and nothing more."""
        done = [action for action, _ in _STEPS[: len(self.acknowledged)]]
        kept = await reader.fetch_all(
            "SELECT b.id, b.state FROM borrowing b JOIN borrowing_line l ON l.borrowing_id = b.id WHERE l.asset_id = ?",
            self.thing.id,
        )
        assert kept == [{"id": self.id, "state": _STEPS[len(done) - 1][1]}]
        written = await reader.fetch_all("SELECT action FROM audit_event WHERE subject_id = ?", self.id)
        assert Counter(row["action"] for row in written) == Counter(done)
        await self._require_told_once(reader, done.count("approval.decided"))

    async def _require_told_once(self, reader: Reader, decisions: int) -> None:
        """Each step of the approvals was opened and decided once, and went out once."""
        tasks = await reader.fetch_all(
            "SELECT t.id, t.state FROM approval_task t JOIN approval_chain c ON c.id = t.chain_id"
            " WHERE c.subject_id = ? ORDER BY t.step",
            self.id,
        )
        assert [task["state"] for task in tasks] == (["approved"] * decisions + ["pending"])[:2]
        for number, task in enumerate(tasks):
            sent = await reader.fetch_all("SELECT topic FROM outbox_event WHERE payload LIKE ?", f"%{task['id']}%")
            topics = Counter(row["topic"] for row in sent)
            assert (topics["approval.task_opened"], topics["approval.decided"]) == (1, int(number < decisions))

    async def require_same_answers(self) -> None:
        """Fail unless each key, sent again, brings the very answer that it brought."""
        for caller, path, body, key, data in self.acknowledged:
            assert data_of(await caller.insist(path, body, key=key), 201) == data
