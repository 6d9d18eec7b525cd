"""A borrowing told for people: the line of steps, what comes next, and its badge."""

from datetime import date

from server.approvals.types import ChainView, RoundView, StepView
from server.circulation.states import SENT_BACK_NAME, BorrowingState
from server.circulation.types import BorrowingEventView, BorrowingRow, BorrowingView
from server.web.formats import day, yuan
from server.web.parts import Badge, Fact, PastRound, Step, StepState, Tone

_TONES: dict[str, tuple[Tone, str]] = {
    BorrowingState.SUBMITTED: ("info", "hourglass"),
    BorrowingState.APPROVED: ("ok", "package"),
    BorrowingState.READY: ("ok", "package-open"),
    BorrowingState.ISSUED: ("accent", "hand-helping"),
    BorrowingState.RETURNED: ("info", "clipboard-check"),
    BorrowingState.INSPECTED: ("warn", "wrench"),
    BorrowingState.CLOSED: ("neutral", "circle-check"),
    BorrowingState.REJECTED: ("bad", "circle-x"),
    BorrowingState.WITHDRAWN: ("neutral", "undo-2"),
    BorrowingState.EXPIRED: ("warn", "clock"),
}
_STEP_STATES: dict[str, StepState] = {
    "approved": "done",
    "rejected": "refused",
    "pending": "current",
    "waiting": "todo",
    "cancelled": "todo",
    "returned": "refused",
}
# After the approvals: what each state has already passed. (event kind, its label, the states in which it is next)
_HANDLING = (
    ("issued", "领取", frozenset({BorrowingState.APPROVED, BorrowingState.READY})),
    ("returned", "归还", frozenset({BorrowingState.ISSUED})),
    ("closed", "验收办结", frozenset({BorrowingState.RETURNED, BorrowingState.INSPECTED})),
)
_ENDS = {
    BorrowingState.WITHDRAWN: "撤回",
    BorrowingState.EXPIRED: "过期失效",
}


def borrowing_badge(it: BorrowingRow | BorrowingView, today: date) -> Badge:
    """The state in a word; lateness before anything else."""
    if it.state_name == SENT_BACK_NAME:
        return Badge(it.state_name, "warn", "undo-2")
    if it.is_overdue:
        return Badge(f"逾期 {(today - it.to_day).days} 天", "bad", "clock")
    tone, icon = _TONES[it.state]
    return Badge(it.state_name, tone, icon)


def steps_of(it: BorrowingView) -> list[Step]:
    """Who did what and when, who is next, and what is still to come."""
    steps = [Step("提交申请", "done", it.applicant_name, it.submitted_at), *chain_steps(it.chain)]
    if it.state == BorrowingState.REJECTED:
        return steps
    happened = {event.kind: event for event in it.events}
    if it.state in _ENDS:
        event = happened.get(it.state)
        ended = [step for step in steps if step.state == "done"]
        return [*ended, _ending(_ENDS[BorrowingState(it.state)], event, it.end_reason)]
    return [*steps, *(_handling(it, kind, label, states, happened) for kind, label, states in _HANDLING)]


def chain_steps(chain: ChainView) -> list[Step]:
    """The approvals as steps."""
    return [_approval(step) for step in chain.steps]


def past_rounds(chain: ChainView) -> tuple[PastRound, ...]:
    """The earlier rounds, each of which was sent back, the latest first."""
    return tuple(_past_round(past) for past in reversed(chain.rounds))


def _past_round(past: RoundView) -> PastRound:
    return PastRound(
        f"第 {past.number} 次送审：退回修改",
        tuple(_approval(step) for step in past.steps if step.task_id),
        past.corrected_by_name,
        past.corrected_at,
        tuple(Fact(each.name, f"{each.before} → {each.after}" if each.before else each.after) for each in past.changes),
    )


def _approval(step: StepView) -> Step:
    who = step.decided_by_name or f"{step.unit_name} {step.role_name}".strip()
    if step.on_behalf_of_name:
        who += f"（代{step.on_behalf_of_name}）"
    return Step(step.name, _STEP_STATES[step.state], who, step.decided_at, step.opinion or "", step.why)


def _ending(label: str, event: BorrowingEventView | None, reason: str | None) -> Step:
    if event is None:
        return Step(label, "refused", note=reason or "")
    return Step(label, "refused", event.actor_name, event.at, event.note or reason or "")


def _handling(
    it: BorrowingView,
    kind: str,
    label: str,
    states: frozenset[BorrowingState],
    happened: dict[str, BorrowingEventView],
) -> Step:
    event = happened.get(kind)
    if event is not None and kind == "issued" and it.waiting_count:
        return Step(label, "current", event.actor_name, event.at, it.progress)
    if event is not None:
        return Step(label, "done", event.actor_name, event.at, event.note)
    who = f"{it.place_name} 仓管员" if kind == "issued" else ""
    # While something is still to be collected, that is what comes next.
    is_current = it.state in states and not (kind == "returned" and it.waiting_count)
    return Step(label, "current" if is_current else "todo", who, note=it.progress if is_current else "")


def next_step_of(it: BorrowingView) -> str:
    """What happens next, and who does it."""
    if it.correct_by is not None and it.state == BorrowingState.SUBMITTED:
        return f"审批人请您修改。最晚 {day(it.correct_by)} 重新提交，日期为您保留到那一天；过期自动失效。"
    if it.state == BorrowingState.SUBMITTED:
        waiting = next((step for step in it.chain.steps if step.state == "pending"), None)
        who = f"{waiting.unit_name} 的{waiting.role_name}审批（{waiting.name}）" if waiting else "审批"
        return f"等 {who}。有结果会在消息里告诉您。"
    if it.is_overdue:
        return f"请尽快归还到 {it.place_name}，仓管员扫码收回。"
    if it.state in {BorrowingState.APPROVED, BorrowingState.READY}:
        until = f"，最晚 {day(it.collect_by)}，过期自动失效" if it.collect_by else ""
        return f"已经批准。请从 {day(it.from_day)} 起到 {it.place_name} 领取{until}。"
    rest = f"还有 {it.waiting_count} 件待领取；" if it.waiting_count else ""
    sentences = {
        BorrowingState.ISSUED: f"{rest}请在 {day(it.to_day)} 当天或之前归还到 {it.place_name}，仓管员扫码收回。",
        BorrowingState.RETURNED: "东西已经收回，等仓管员验收。",
        BorrowingState.INSPECTED: f"有损坏或遗失的，等 {it.holder_unit_name} 作出处理决定。",
        BorrowingState.CLOSED: _closed(it),
        BorrowingState.REJECTED: "申请没有通过，占用的日期已放开。可以换个日期或换一件再申请。",
        BorrowingState.WITHDRAWN: "申请已撤回，占用的日期已放开。",
        BorrowingState.EXPIRED: "没有在期限内领取，申请已失效，占用的日期已放开。需要时请重新申请。",
    }
    return sentences[BorrowingState(it.state)]


def _closed(it: BorrowingView) -> str:
    left = sum(each.left_fen for each in it.losses)
    return f"已经办结，还有赔偿 {yuan(left)} 未付。" if left else "已经验收办结，这笔借用没有要办的事了。"
