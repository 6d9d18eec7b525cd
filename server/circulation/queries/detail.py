"""One borrowing in full: its lines, approvals and steps, and what the viewer may do with it now."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from datetime import date, datetime
from typing import Any

import msgspec
from tortoise import Model

from server.approvals.queries import chain_view
from server.approvals.types import ChainView
from server.circulation.access import is_at_desk, is_judge, visible_clause
from server.circulation.checklists import checklists_of, missing_of
from server.circulation.handing_over import COLUMNS, handovers_of
from server.circulation.lines import LINE_STATE_NAMES, LineState, line_state, progress_of
from server.circulation.losses.of_loan import losses_of
from server.circulation.occasions.ops import occasion_of
from server.circulation.queries.renewals import renewals_of
from server.circulation.renewals import RenewalState
from server.circulation.states import INSPECTION_NAMES, BorrowingState, state_name
from server.circulation.types import (
    BorrowingEventView,
    BorrowingView,
    Collection,
    LineAccessoryView,
    LineView,
    RenewalView,
)
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.scope import is_in_scope
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.reading import present, present_day, reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Row
from server.policies.queries import borrowing_policy, policy_for

PHONE_FIELD = "borrowing.applicant_phone"
EVENT_NAMES: dict[str, str] = {
    "submitted": "提交申请",
    BorrowingState.APPROVED: "审批通过",
    BorrowingState.READY: "备好待领",
    BorrowingState.ISSUED: "领取",
    BorrowingState.RETURNED: "归还",
    BorrowingState.INSPECTED: "待处理损坏或遗失",
    BorrowingState.CLOSED: "办结",
    BorrowingState.REJECTED: "审批未通过",
    BorrowingState.WITHDRAWN: "撤回申请",
    BorrowingState.EXPIRED: "失效",
    "handed_over": "转交经办人",
    "substituted": "换发同款",
    "moved": "改留同款",
    "released": "未领取的释放",
    "lost": "报遗失",
    "loss_decided": "遗失责任认定",
    "found": "遗失找回",
    "signed_issue": "领取签字",
    "signed_return": "归还签字",
    "sent_back": "退回修改",
    "corrected": "修改后重新提交",
    "renewal_asked": "申请续借",
    "renewal_sent_back": "续借退回修改",
    "renewal_corrected": "续借修改后重新提交",
    "renewal_approved": "续借通过",
    "renewal_rejected": "续借未通过",
    "renewal_withdrawn": "撤回续借",
    "renewal_lapsed": "续借失效",
}
_BEFORE_ISSUE = frozenset({BorrowingState.SUBMITTED, BorrowingState.APPROVED, BorrowingState.READY})
_HOLDING = _BEFORE_ISSUE | {BorrowingState.ISSUED}
_COLLECTED_IN = _HOLDING - {BorrowingState.SUBMITTED}
_COUNTED = (LineState.WAITING, LineState.OUT, LineState.RELEASED)
# Something is out, or came back and is not done with.
_BEGUN = frozenset({BorrowingState.ISSUED, BorrowingState.RETURNED, BorrowingState.INSPECTED})


async def borrowing_view(actor: Actor, borrowing_id: str) -> BorrowingView:
    """A borrowing within the actor's sight; raises NotFound `borrowing.not_found` for any other."""
    async with reading() as db:
        return await read_borrowing(db, actor, borrowing_id)


async def read_borrowing(rows: RowSource, actor: Actor, borrowing_id: str) -> BorrowingView:
    """The same from a read session or an open unit of work."""
    clause, values = await visible_clause(rows, actor)
    row = await rows.fetch_one(f"SELECT b.* FROM borrowing b WHERE b.id = ? AND {clause}", borrowing_id, *values)
    chain = None if row is None else await chain_view(rows, "borrowing", borrowing_id)
    if row is None or chain is None:
        raise NotFound("borrowing.not_found")
    lines = await rows.fetch_all("SELECT * FROM borrowing_line WHERE borrowing_id = ? ORDER BY item, id", borrowing_id)
    events = await rows.fetch_all("SELECT * FROM borrowing_event WHERE borrowing_id = ? ORDER BY id", borrowing_id)
    is_desk = await is_at_desk(rows, actor, row["holder_unit_path"], row["place_path"])
    view = shown(actor, row, lines, events, chain, is_desk=is_desk)
    view = msgspec.structs.replace(view, occasion=await occasion_of(rows, row))
    if row["state"] in _BEFORE_ISSUE:
        return view
    renewals = await renewals_of(rows, borrowing_id)
    is_own_side = _is_own_side(actor, row)
    pending = [renewal for renewal in renewals if renewal.state == RenewalState.PENDING]
    is_pending = bool(pending)
    return msgspec.structs.replace(
        view,
        handovers=await handovers_of(rows, borrowing_id),
        losses=await losses_of(rows, borrowing_id),
        lines=_with_checklists(view.lines, await checklists_of(rows, borrowing_id)),
        renewals=renewals,
        can_renew=is_own_side and not is_pending and view.out_count > 0 and await _may_be_renewed(rows, row, renewals),
        can_withdraw_renewal=is_own_side and is_pending,
        can_correct_renewal=any(_is_to_correct(actor, renewal) for renewal in pending),
    )


def _with_checklists(lines: list[LineView], checklists: dict[str, list[LineAccessoryView]]) -> list[LineView]:
    if not checklists:
        return lines
    return [
        msgspec.structs.replace(line, accessories=checklists[line.id], missing=missing_of(checklists[line.id]))
        if line.id in checklists
        else line
        for line in lines
    ]


def _is_to_correct(actor: Actor, renewal: RenewalView) -> bool:
    chain = renewal.chain
    return renewal.correct_by is not None and chain is not None and chain.applicant_id == actor.person_id


async def _may_be_renewed(rows: RowSource, row: Row, renewals: list[RenewalView]) -> bool:
    """Whether the last day is still to come and the policy allows one more renewal."""
    if row["ends_at"] is not None or from_day_number(row["to_day"]) < present_day():
        return False
    holder = await unit_facts(rows, row["holder_unit_id"])
    policy = borrowing_policy(await policy_for(rows, "borrowing", holder.region_path, present()))
    return sum(renewal.state == RenewalState.APPROVED for renewal in renewals) < policy.most_renewals


def _is_own_side(actor: Actor, row: Row) -> bool:
    is_applicant = actor.person_id is not None and row["applicant_id"] == actor.person_id
    return is_applicant or is_in_scope(actor, row["borrower_unit_path"], Role.ASSET_MANAGER)


def shown(
    actor: Actor, row: Row, lines: list[Row], events: list[Row], chain: ChainView, *, is_desk: bool
) -> BorrowingView:
    """The view of rows as they are stored."""
    where = [line_state(line) for line in lines]
    return BorrowingView(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        state=row["state"],
        state_name=state_name(row["state"], row["correct_by"]),
        is_overdue=bool(row["is_overdue"]),
        applicant_id=row["applicant_id"],
        applicant_name=row["applicant_name"],
        applicant_phone=_phone(row, actor, is_desk=is_desk),
        borrower_unit_id=row["borrower_unit_id"],
        borrower_unit_name=row["borrower_unit_name"],
        holder_unit_id=row["holder_unit_id"],
        holder_unit_name=row["holder_unit_name"],
        place_name=row["place_name"],
        purpose=row["purpose"],
        from_day=from_day_number(row["from_day"]),
        to_day=from_day_number(row["to_day"]),
        day_count=_day_count(row),
        starts_at=instant_or_none(row["starts_at"]),
        ends_at=instant_or_none(row["ends_at"]),
        collect_by=day_or_none(row["collect_by"]),
        correct_by=day_or_none(row["correct_by"]),
        version=row["version"],
        submitted_at=from_microseconds(row["submitted_at"]),
        end_reason=row["end_reason"],
        lines=[_line(line, state) for line, state in zip(lines, where, strict=True)],
        chain=chain,
        collection=_collection(row),
        can_sign_issue=is_desk and row["state"] in _BEGUN and _is_unsigned(lines, "issue"),
        can_sign_return=is_desk and row["state"] in _BEGUN and _is_unsigned(lines, "return"),
        events=[_submission(row), *(_event(event) for event in events)],
        **{
            **counts_of(row["state"], len(lines), *map(where.count, _COUNTED), lost=_lost(where)),
            **_abilities(actor, row, set(where), is_desk=is_desk),
        },
    )


def _lost(where: list[LineState]) -> int:
    return sum(state in {LineState.LOST, LineState.LOST_DECIDED} for state in where)


def counts_of(state: str, pieces: int, waiting: int, out: int, released: int, *, lost: int) -> dict[str, Any]:
    """How many cards are where. Of what was refused, taken back or has expired as a whole nothing is waited for."""
    is_open = state in _HOLDING
    return {
        "piece_count": pieces,
        "waiting_count": waiting if is_open else 0,
        "out_count": out,
        "progress": progress_of(pieces, waiting, out, released, lost) if out or waiting < pieces else "",
    }


def _abilities(actor: Actor, row: Row, where: set[LineState], *, is_desk: bool) -> dict[str, bool]:
    """What the viewer may do now. Of several things, each may be at another point."""
    state = row["state"]
    is_begun = state in _BEGUN
    is_waited_for = LineState.WAITING in where
    is_own_side = _is_own_side(actor, row)
    is_decider = is_judge(actor, row["holder_unit_path"])
    return {
        "can_withdraw": is_own_side and (state in _BEFORE_ISSUE or (is_begun and is_waited_for)),
        "can_mark_ready": is_desk and state == BorrowingState.APPROVED,
        "can_issue": is_desk and is_waited_for and (state in _COLLECTED_IN),
        "can_return": is_desk and is_begun and LineState.OUT in where,
        "can_report_loss": (is_desk or is_own_side) and is_begun and LineState.OUT in where,
        "can_inspect": is_desk and is_begun and LineState.RETURNED in where,
        "can_resolve": is_decider and is_begun and LineState.DAMAGED in where,
        "can_choose_collection": is_own_side and state in _BEFORE_ISSUE,
        "can_correct": row["correct_by"] is not None
        and state == BorrowingState.SUBMITTED
        and actor.person_id == row["applicant_id"],
    }


def _collection(row: Row) -> Collection | None:
    if row["collection_way"] is None:
        return None
    day = from_day_number(row["collection_day"])
    return Collection(row["collection_way"], day, row["collection_half"], row["delivery_address"] or "")


def _is_unsigned(lines: list[Row], kind: str) -> bool:
    """Whether something went out, or came back, for which nobody has signed."""
    happened, signed = COLUMNS[kind]
    return any(line[happened] is not None and line[signed] is None for line in lines)


def _phone(row: Row, actor: Actor, *, is_desk: bool) -> str | None:
    if row["applicant_phone_sealed"] is None or not (is_desk or row["applicant_id"] == actor.person_id):
        return None
    return current_runtime().cipher.decrypt(PHONE_FIELD, row["applicant_phone_sealed"])


def _day_count(row: Row) -> int:
    return (from_day_number(row["to_day"]) - from_day_number(row["from_day"])).days + 1


def _line(row: Row, state: LineState) -> LineView:
    result = row["inspection_result"]
    return LineView(
        id=row["id"],
        item=row["item"],
        asset_id=row["asset_id"],
        asset_code=row["asset_code"],
        asset_name=row["asset_name"],
        value_fen=row["value_fen"],
        state=state.value,
        state_name=LINE_STATE_NAMES[state],
        is_any=bool(row["alike_key"]),
        instead_of_code=row["instead_of_code"],
        issued_at=instant_or_none(row["issued_at"]),
        issued_to=row["issued_to"],
        returned_at=instant_or_none(row["returned_at"]),
        inspection_result=result,
        inspection_result_name=None if result is None else INSPECTION_NAMES[result],
        inspection_note=row["inspection_note"],
        inspection_picture_id=row["inspection_picture_id"],
        damage_decision=row["damage_decision"],
        is_issue_signed=row["issue_handover_id"] is not None,
        is_return_signed=row["return_handover_id"] is not None,
    )


def _submission(row: Row) -> BorrowingEventView:
    # Kept on the application itself, so that applying needs one write less.
    return BorrowingEventView(
        kind="submitted",
        name=EVENT_NAMES["submitted"],
        at=from_microseconds(row["submitted_at"]),
        actor_name=row["applicant_name"],
        note="",
    )


def _event(row: Row) -> BorrowingEventView:
    return BorrowingEventView(
        kind=row["kind"],
        name=EVENT_NAMES[row["kind"]],
        at=from_microseconds(row["at"]),
        actor_name=row["actor_name"],
        note=row["note"],
    )


def instant_or_none(microseconds: int | None) -> datetime | None:
    """The instant of a column that may be empty."""
    return None if microseconds is None else from_microseconds(microseconds)


def day_or_none(number: int | None) -> date | None:
    """The day of a column that may be empty."""
    return None if number is None else from_day_number(number)


def stored_row(record: Model) -> Row:
    """A record's columns as a raw read would give them."""
    fields = record._meta.fields_map
    return {name: fields[name].to_db_value(getattr(record, name), record) for name in record._meta.db_fields}
