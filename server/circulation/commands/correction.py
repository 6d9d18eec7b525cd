"""A borrowing that was sent back: corrected by its applicant, and sent again. Its days were held all the while."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from server.approvals.planning import BorrowingFacts, plan_steps
from server.approvals.rounds import lock_returned, restart_chain
from server.approvals.types import Change, Restart
from server.circulation.access import find_for_withdrawal, require_state
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checks import LONGEST_TEXT, checked_phone, fault
from server.circulation.choosing import Chosen, choose, looked_at
from server.circulation.commands.submission import add_lines
from server.circulation.days import give_back_all, give_back_card, take_days
from server.circulation.lines import title_of
from server.circulation.meeting_place import meeting_place
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.occasions.ops import occasion_of
from server.circulation.progress import add_event, change
from server.circulation.promises import has_ended, hours_of
from server.circulation.queries.detail import PHONE_FIELD, read_borrowing, stored_row
from server.circulation.rules import BorrowingRules, check_days, rules_of_version, until_of
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingView, CorrectBorrowing, WantedLine
from server.identity.ops import unit_facts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.runtime import current_runtime
from server.kernel.unit_of_work import UnitOfWork

_NO_COLLECTION: dict[str, Any] = {
    "collection_way": None,
    "collection_day": None,
    "collection_half": None,
    "delivery_address": None,
}


@command("borrowing.correct")
async def correct_borrowing(uow: UnitOfWork, actor: Actor, request: CorrectBorrowing) -> BorrowingView:
    """Send again what was sent back, corrected: other days, fewer pieces, another purpose or telephone. Its approvals
    begin anew, by the policy version of the first submission. For the applicant alone.

    Raises InvalidInput naming the field; NotFound `borrowing.not_found`; Forbidden `role.required`,
    `approval.not_applicant`; StateConflict `approval.not_returned`, `asset.not_available`, `listing.closed`,
    `borrowing.too_late`, `borrowing.asset_not_lendable`, `approval.no_finance_authority`.
    """
    checks = Checks()
    purpose = checks.text("purpose", request.purpose, longest=LONGEST_TEXT)
    note = checks.text("note", request.note, longest=LONGEST_TEXT, shortest=0)
    checks.finish()
    phone = checked_phone(request.phone)
    seen = await find_for_withdrawal(uow, actor, request.borrowing_id)
    chain = await lock_returned(uow, actor, "borrowing", seen.id)
    borrowing = await uow.lock(Borrowing, seen.id)
    assert borrowing is not None
    require_state(borrowing, BorrowingState.SUBMITTED)
    correction = _Correction(uow, actor, borrowing, await rules_of_version(uow, borrowing.policy_version_id))
    await correction.hold(request)
    correction.write_down("借用事由", borrowing.purpose, purpose)
    correction.rephone(phone)
    correction.write_down("补充说明", "", note)
    await correction.store(purpose)
    await restart_chain(uow, chain, await correction.restart())
    fields = [each.name for each in correction.changes]
    await add_event(uow, borrowing.id, "corrected", "、".join(fields) or "没有改动")
    await uow.record(
        "borrowing.correct",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        fields=fields,
        from_day=borrowing.from_day.isoformat(),
        to_day=borrowing.to_day.isoformat(),
        asset_codes=[line.asset_code for line in correction.lines],
    )
    return await read_borrowing(uow, actor, borrowing.id)


class _Correction:
    """One borrowing while it is corrected, under its lock. `changes`: what became different, for people."""

    def __init__(self, uow: UnitOfWork, actor: Actor, borrowing: Borrowing, rules: BorrowingRules) -> None:
        self.changes: list[Change] = []
        self.lines: list[BorrowingLine] = []
        self._uow = uow
        self._actor = actor
        self._borrowing = borrowing
        self._rules = rules
        self._fields: dict[str, Any] = {}

    def write_down(self, name: str, before: str, after: str) -> None:
        """Note one change, if it is one."""
        if before != after:
            self.changes.append(Change(name=name, before=before, after=after))

    def rephone(self, phone: str | None) -> None:
        """Take over the telephone: that it changed is told, never what it is."""
        cipher, sealed = current_runtime().cipher, self._borrowing.applicant_phone_sealed
        before = None if sealed is None else cipher.decrypt(PHONE_FIELD, sealed)
        if phone == before:
            return
        self._fields["applicant_phone_sealed"] = None if phone is None else cipher.encrypt(PHONE_FIELD, phone)
        self.write_down("联系电话", "原号码" if before else "没有留", "新号码" if phone else "不再留")

    async def hold(self, request: CorrectBorrowing) -> None:
        """Hold the days that are wanted now, of as many cards as are wanted now."""
        borrowing = self._borrowing
        lines = await self._uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
        counts = _kept(lines, request)
        if hours_of(borrowing) is not None:
            await self._keep_hours(lines, request)
            return
        before = _days(borrowing.from_day, borrowing.to_day), title_of([line.asset_name for line in lines])
        if (request.from_day, request.to_day) == (borrowing.from_day, borrowing.to_day):
            await self._hold_fewer(lines, counts)
        else:
            await self._hold_anew(lines, counts, request.from_day, request.to_day)
        self.write_down("借用日期", before[0], _days(request.from_day, request.to_day))
        title = title_of([line.asset_name for line in self.lines])
        self.write_down("借用内容", before[1], title)
        self._fields |= {"title": title, "from_day": request.from_day, "to_day": request.to_day}
        self._drop_collection(request.from_day, request.to_day)

    async def _keep_hours(self, lines: list[BorrowingLine], request: CorrectBorrowing) -> None:
        """By the hour, what was chosen stays: other hours are another application."""
        borrowing = self._borrowing
        if (request.from_day, request.to_day) != (borrowing.from_day, borrowing.to_day):
            raise StateConflict("borrowing.hours_not_changed")
        if has_ended(borrowing, await self._uow.now()):
            raise StateConflict("borrowing.too_late", to_day=borrowing.to_day.isoformat())
        self.lines = lines

    async def _hold_fewer(self, lines: Sequence[BorrowingLine], counts: Counter[int]) -> None:
        if self._borrowing.to_day < await today(self._uow):
            raise StateConflict("borrowing.too_late", to_day=self._borrowing.to_day.isoformat())
        left = Counter(counts)
        for line in lines:
            if left[line.item]:
                left[line.item] -= 1
                self.lines.append(line)
                continue
            await give_back_card(self._uow, self._borrowing.id, line.asset_id)
            await self._take_off(line)

    async def _hold_anew(self, lines: Sequence[BorrowingLine], counts: Counter[int], first: date, last: date) -> None:
        """Give back what is held and choose again, as from the board: equal cards may stand in for each other."""
        uow, borrowing = self._uow, self._borrowing
        firsts = {line.item: line for line in reversed(lines) if counts[line.item]}
        wanted = [
            WantedLine(line.asset_id, counts[item] if line.alike_key else None) for item, line in sorted(firsts.items())
        ]
        looked = await looked_at(uow, self._actor, wanted)
        until = until_of(
            await unit_facts(uow, borrowing.borrower_unit_id), await occasion_of(uow, stored_row(borrowing))
        )
        longest = min(offer["longest_days"] for offer in looked)
        check_days(first, last, await today(uow), until, self._rules.content, longest)
        await give_back_all(uow, borrowing.id, borrowing.from_day, borrowing.to_day, len(lines))
        # This loan is locked, and others must not be locked after it: nobody's promise makes room for a correction.
        found = await choose(uow, self._actor, wanted, looked, first, last, may_move=False)
        chosen = _numbered(found, sorted(firsts))
        await take_days(uow, [each.card.id for each in chosen], borrowing.id, first, last)
        for line in lines:
            await self._take_off(line)
        self.lines = await add_lines(uow, borrowing.id, chosen)
        self._fields |= await meeting_place(uow, [each.offer for each in chosen])

    async def _take_off(self, line: BorrowingLine) -> None:
        taken = await self._uow.execute("DELETE FROM borrowing_line WHERE id = ? AND issued_at IS NULL", line.id)
        if taken != 1:
            raise StateConflict("record.changed")
        self._uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)

    def _drop_collection(self, first: date, last: date) -> None:
        """The day on which it was to be collected may lie outside now: then it is chosen again."""
        day = self._borrowing.collection_day
        if day is not None and not first <= day <= last:
            self._fields |= _NO_COLLECTION
            self.write_down("领取方式", f"{day.isoformat()} 领取", "日期变了，重新选择")

    async def store(self, purpose: str) -> None:
        """Write the borrowing as it is now; it waits for approvers again."""
        await change(self._uow, self._borrowing, purpose=purpose, correct_by=None, **self._fields)

    async def restart(self) -> Restart:
        """The plan of the next round, from what is asked for now."""
        uow, borrowing = self._uow, self._borrowing
        facts = BorrowingFacts(
            applicant_unit=await unit_facts(uow, borrowing.borrower_unit_id),
            holder_unit=await unit_facts(uow, borrowing.holder_unit_id),
            value_fen=sum(line.value_fen for line in self.lines),
        )
        steps = await plan_steps(uow, self._rules.content, facts)
        return Restart(title=f"借用 {borrowing.title}", steps=steps, changes=self.changes)


def _kept(lines: Sequence[BorrowingLine], request: CorrectBorrowing) -> Counter[int]:
    """How many cards of each line are wanted now. Raises InvalidInput: never more than were asked for, and something
    must be left."""
    counts = Counter(line.item for line in lines)
    wanted, checks = Counter(counts), Checks()
    for number, kept in enumerate(request.kept):
        # A line named twice is compared with what the first naming left of it.
        if kept.item not in counts or not 0 <= kept.quantity <= wanted[kept.item]:
            checks.fault(f"kept.{number}.quantity", "borrowing.only_fewer", limit=wanted[kept.item])
        wanted[kept.item] = kept.quantity
    checks.finish()
    if not sum(wanted.values()):
        raise fault("kept", "borrowing.nothing_left")
    return wanted


def _numbered(chosen: Sequence[Chosen], items: Sequence[int]) -> list[Chosen]:
    """The chosen cards under the numbers that their lines had on the application."""
    return [Chosen(items[each.item - 1], each.card, each.offer, each.is_any) for each in chosen]


def _days(first: date, last: date) -> str:
    return f"{first.isoformat()} 至 {last.isoformat()}"
