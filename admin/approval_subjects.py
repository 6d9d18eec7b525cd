"""What an approval is about, whichever kind it is: its facts in full and in short, its steps, and what to beware of."""

import msgspec

from admin.losses import loss_facts
from admin.need_words import need_facts, need_steps
from admin.progress import application_steps, borrowing_facts, chain_steps, past_rounds, piece_facts, renewal_facts
from server.approvals.comments.queries import comments_of
from server.approvals.comments.types import CommentsView
from server.approvals.types import TaskView
from server.circulation.losses.queries import loss_view
from server.circulation.losses.types import LossView
from server.circulation.queries import application_warnings, borrowing_view, renewal_view
from server.circulation.types import BorrowingView
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.procurement.queries import need_view
from server.procurement.types import NeedView
from server.web.formats import day, yuan
from server.web.parts import Fact, PastRound, Step


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """`facts`: all of them; `short`: who, what, when, for how much. `version`: what a decision on it names; None for a
    kind that is decided by itself alone."""

    facts: tuple[Fact, ...] = ()
    short: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()
    rounds: tuple[PastRound, ...] = ()
    warnings: list[str] = []
    version: int | None = None
    borrowing: BorrowingView | None = None
    need: NeedView | None = None
    talk: CommentsView | None = None


async def subject_of(actor: Actor, task: TaskView) -> Subject:
    """What the task decides about, as the actor sees it."""
    subject = Subject(short=(Fact("申请人", f"{task.applicant_name}，{task.applicant_unit_name}"),))
    if task.subject_kind == "purchase_need":
        subject = _need(await need_view(actor, task.subject_id))
    elif task.subject_kind == "renewal":
        subject = await _renewal(actor, task.subject_id)
    elif task.subject_kind == "borrowing":
        subject = await _borrowing(actor, task.subject_id)
    elif task.subject_kind == "write_off":
        subject = _loss(await loss_view(actor, task.subject_id))
    return msgspec.structs.replace(subject, talk=await thread_of(actor, task.subject_kind, task.subject_id))


async def thread_of(actor: Actor, kind: str, subject_id: str) -> CommentsView | None:
    """What was said about an application; None for whoever takes no part."""
    try:
        return await comments_of(actor, kind, subject_id)
    except NotFound:
        return None


async def _borrowing(actor: Actor, borrowing_id: str) -> Subject:
    view = await borrowing_view(actor, borrowing_id)
    days = f"{day(view.from_day)} 至 {day(view.to_day)}，共 {view.day_count} 天"
    return Subject(
        facts=(*piece_facts(view), *borrowing_facts(view)),
        short=(*_who(view), Fact("借用日期", days), Fact("用途", view.purpose)),
        steps=application_steps(view),
        rounds=past_rounds(view.chain),
        warnings=await application_warnings(actor, view.id),
        version=view.version,
        borrowing=view,
    )


async def _renewal(actor: Actor, renewal_id: str) -> Subject:
    renewal = await renewal_view(actor, renewal_id)
    view = await borrowing_view(actor, renewal.borrowing_id)
    asked = renewal_facts(renewal)
    return Subject(
        facts=(*asked, *piece_facts(view), *borrowing_facts(view)),
        short=(*_who(view), *asked),
        steps=chain_steps(renewal.chain),
        rounds=past_rounds(renewal.chain),
        warnings=await application_warnings(actor, view.id),
        version=view.version,
        borrowing=view,
    )


def _who(view: BorrowingView) -> tuple[Fact, ...]:
    value = yuan(sum(line.value_fen for line in view.lines))
    return (
        Fact("申请人", f"{view.applicant_name}，{view.borrower_unit_name}"),
        Fact("借什么", f"{view.title}，向{view.holder_unit_name}借"),
        Fact("价值", value),
    )


def _loss(view: LossView) -> Subject:
    # Nobody corrects what was decided about a loss: it is decided by itself, and never among several.
    return Subject(facts=loss_facts(view), steps=chain_steps(view.chain), rounds=past_rounds(view.chain))


def _need(view: NeedView) -> Subject:
    short = (
        Fact("申请人", f"{view.applicant_name}，{view.unit_name}"),
        Fact("买什么", f"{view.item} {view.quantity} 件，{view.specification}"),
        Fact("预算合计", yuan(view.budget_fen)),
        Fact("最晚要用", day(view.needed_by)),
        Fact("用途", view.purpose),
    )
    return Subject(
        facts=need_facts(view),
        short=short,
        steps=need_steps(view),
        rounds=past_rounds(view.chain),
        warnings=view.warnings,
        version=view.version,
        need=view,
    )
