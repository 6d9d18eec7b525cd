"""A borrowing on the desk's pages: its facts, its line of steps, its history."""

from server.approvals.types import ChainView, RoundView, StepView
from server.circulation.handing_over import collection_words
from server.circulation.types import BorrowingView, LineView, RenewalView
from server.web.formats import day, yuan
from server.web.parts import Badge, Event, Fact, PastRound, Step, StepState, Tone

TONES: dict[str, Tone] = {
    "submitted": "info",
    "approved": "info",
    "ready": "info",
    "issued": "accent",
    "returned": "warn",
    "inspected": "warn",
    "closed": "ok",
    "rejected": "bad",
    "withdrawn": "neutral",
    "expired": "neutral",
}
STEP_STATES: dict[str, StepState] = {
    "approved": "done",
    "rejected": "refused",
    "pending": "current",
    "cancelled": "todo",
    "returned": "refused",
    "waiting": "todo",
}
# From the approval on, the steps that the thing itself takes: its label, the events that tell of it, and the states in
# which it is done.
LATER = (
    ("领取", ("issued",), {"issued", "returned", "inspected", "closed"}),
    ("归还", ("returned",), {"returned", "inspected", "closed"}),
    ("验收", ("inspected", "closed"), {"inspected", "closed"}),
)


def state_badge(state: str, name: str, *, is_overdue: bool) -> Badge:
    """The state in words; being overdue comes first."""
    return Badge("已逾期", "bad", "clock") if is_overdue else Badge(name, TONES.get(state, "neutral"))


def borrowing_facts(view: BorrowingView) -> tuple[Fact, ...]:
    """What is borrowed, by whom, for how long and why."""
    phone = (Fact("联系电话", view.applicant_phone),) if view.applicant_phone else ()
    collect = (Fact("领取期限", day(view.collect_by)),) if view.collect_by else ()
    ended = (Fact("结束原因", view.end_reason),) if view.end_reason else ()
    collection = (Fact("领取方式", collection_words(view.collection)),) if view.collection else ()
    return (
        Fact("借用单号", view.number, is_code=True),
        Fact("申请人", f"{view.applicant_name}，{view.borrower_unit_name}"),
        *phone,
        Fact("借用日期", f"{day(view.from_day)} 至 {day(view.to_day)}，共 {view.day_count} 天"),
        Fact("用途", view.purpose),
        *((Fact("用于", view.occasion.name, f"/admin/occasions/{view.occasion.id}"),) if view.occasion else ()),
        Fact("出借单位", view.holder_unit_name),
        Fact("存放地点", view.place_name),
        *collect,
        *collection,
        *ended,
    )


def latest_line(view: BorrowingView, moment: str) -> LineView:
    """The line on which something happened last. `moment`: the field that says when."""
    return max((line for line in view.lines if getattr(line, moment)), key=lambda line: getattr(line, moment))


def piece_facts(view: BorrowingView) -> tuple[Fact, ...]:
    """What is lent: the one thing in full, or how many of what for how much in all."""
    if view.piece_count == 1:
        return line_facts(view.lines[0])
    total = yuan(sum(line.value_fen for line in view.lines))
    progress = (Fact("到哪一步", view.progress),) if view.progress else ()
    return (Fact("资产", view.title), Fact("数量", f"{view.piece_count} 件"), Fact("合计价值", total), *progress)


def line_facts(line: LineView) -> tuple[Fact, ...]:
    """One thing of the borrowing: what it is worth, and what happened to it."""
    facts = [
        Fact("资产", line.asset_name, f"/admin/assets/{line.asset_id}"),
        Fact("编号", line.asset_code, is_code=True),
        Fact("价值", yuan(line.value_fen)),
    ]
    if line.issued_to:
        facts.append(Fact("领取人", line.issued_to))
    if line.inspection_result_name:
        note = f"：{line.inspection_note}" if line.inspection_note else ""
        facts.append(Fact("验收", f"{line.inspection_result_name}{note}"))
    if line.accessories:
        facts.append(Fact("配件", "、".join(f"{part.name} {part.issued} 件" for part in line.accessories)))
    if line.missing:
        facts.append(Fact("缺配件", line.missing))
    if line.damage_decision:
        facts.append(Fact("损坏处理", line.damage_decision))
    return tuple(facts)


def loss_lines(view: BorrowingView) -> tuple[Fact, ...]:
    """What of it was lost or is to be paid for, each with the way to its case."""
    return tuple(
        Fact(
            f"{each.asset_name}",
            f"{each.kind_name}，{each.state_name}" + (f"，未付 {yuan(each.left_fen)}" if each.left_fen else ""),
            f"/admin/losses/{each.id}",
        )
        for each in view.losses
    )


def application_steps(view: BorrowingView) -> tuple[Step, ...]:
    """From the application over its approvals."""
    return (Step("提交申请", "done", view.applicant_name, view.submitted_at), *chain_steps(view.chain))


def borrowing_steps(view: BorrowingView) -> tuple[Step, ...]:
    """From the application over its approvals to the thing's return."""
    return (*application_steps(view), *_later_steps(view))


def short_facts(view: BorrowingView) -> tuple[Fact, ...]:
    """What the counter asks before handing out: who may have it, until when."""
    phone = (Fact("联系电话", view.applicant_phone),) if view.applicant_phone else ()
    several = (Fact("借用单", view.title), Fact("到哪一步", view.progress)) if view.piece_count > 1 else ()
    return (
        *(fact for fact in several if fact.value),
        Fact("申请人", f"{view.applicant_name}，{view.borrower_unit_name}"),
        Fact("借用日期", f"{day(view.from_day)} 至 {day(view.to_day)}"),
        *((Fact("领取方式", collection_words(view.collection)),) if view.collection else ()),
        *phone,
    )


def renewal_facts(renewal: RenewalView) -> tuple[Fact, ...]:
    """What a renewal asks for."""
    return (
        Fact("续借到", day(renewal.to_day)),
        Fact("原定归还", day(renewal.from_day)),
        Fact("续借原因", renewal.reason),
        Fact("第几次续借", f"第 {renewal.ordinal} 次"),
    )


def chain_steps(chain: ChainView | None) -> tuple[Step, ...]:
    """The approvals, each with who and when."""
    return tuple(_chain_step(step) for step in chain.steps) if chain else ()


def past_rounds(chain: ChainView | None) -> tuple[PastRound, ...]:
    """The earlier rounds, each of which was sent back, the latest first."""
    return tuple(_past_round(past) for past in reversed(chain.rounds)) if chain else ()


def _past_round(past: RoundView) -> PastRound:
    return PastRound(
        f"第 {past.number} 次送审：退回修改",
        tuple(_chain_step(step) for step in past.steps if step.task_id),
        past.corrected_by_name,
        past.corrected_at,
        tuple(Fact(each.name, f"{each.before} → {each.after}" if each.before else each.after) for each in past.changes),
    )


def _chain_step(step: StepView) -> Step:
    behalf = f"（代 {step.on_behalf_of_name}）" if step.on_behalf_of_name else ""
    who = f"{step.decided_by_name}{behalf}" if step.decided_by_name else f"{step.unit_name} {step.role_name}"
    return Step(step.name, STEP_STATES[step.state], who, step.decided_at, step.opinion or "", step.why)


def _later_steps(view: BorrowingView) -> tuple[Step, ...]:
    if view.state in {"rejected", "withdrawn", "expired"}:
        return (Step(view.state_name, "refused", note=view.end_reason or ""),)
    is_open = view.state != "submitted"
    steps = []
    for label, kinds, done_in in LATER:
        is_done = view.state in done_in and not (label == "领取" and view.waiting_count)
        event = next((event for event in view.events if event.kind in kinds), None) if is_done else None
        state: StepState = "done" if is_done else "current" if is_open else "todo"
        note = view.progress if state == "current" else ""
        steps.append(
            Step(label, state, event.actor_name, event.at, event.note) if event else Step(label, state, note=note)
        )
        is_open = is_open and is_done
    return tuple(steps)


def borrowing_events(view: BorrowingView) -> tuple[Event, ...]:
    """The history, newest first."""
    return tuple(Event(event.name, event.at, event.actor_name, event.note) for event in reversed(view.events))
