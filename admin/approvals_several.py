"""Several applications on one page, each with its facts, its warnings and its own choice; each is decided by itself."""

import re
from collections.abc import Iterable
from typing import Any, get_args

import msgspec
from sanic import HTTPResponse, Request

from admin.approval_subjects import Subject, subject_of
from admin.door import door
from admin.form_page import Drawn, answer_loose, fresh
from admin.results import Result, draw_results
from server.approvals.commands import decide_each
from server.approvals.queries import task_view
from server.approvals.types import (
    LONGEST_OPINION,
    MOST_AT_ONCE,
    SHORTEST_REASON,
    Choice,
    ChosenDecision,
    DecisionOutcome,
    TaskView,
)
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, NotFound
from server.web.parts import Badge, Fact, Link, Option
from server.web.sessions import actor_of

FIELDS = re.compile(r"(choice|opinion|version)-[0-9a-z]{16}")
LATER = Option("", "先不处理")
CHOICES = (Option("approve", "同意"), Option("return", "退回修改"), Option("reject", "不同意"), LATER)
_NEEDS_WORDS = {"reject", "return"}
_BADGES = {True: Badge("已办理", "ok"), False: Badge("没有办成", "bad")}


class Item(msgspec.Struct, frozen=True):
    """One application as it is drawn: its task, what is asked for, and which choices there are."""

    task: TaskView
    subject: Subject
    facts: tuple[Fact, ...]
    choices: tuple[Option, ...]


@door.get("/approvals/several", summary="一次审批几件")
async def show_several(request: Request) -> HTTPResponse:
    """The chosen ones, one after the other; those that no longer wait for the reader are left out, and it is said."""
    return await _draw(request, request.args.getlist("task") or [], fresh(), 200)


@door.post("/approvals/several", summary="一次审批几件")
async def decide_several(request: Request) -> HTTPResponse:
    """Decide those for which something was chosen, each by itself, and say what happened to each."""

    async def act(actor: Actor, typed: dict[str, Any]) -> HTTPResponse:
        wanted = wanted_decisions(typed)
        titles = {each.task_id: (await _title(actor, each.task_id)) for each in wanted}
        outcomes = await decide_each(actor, wanted)
        results = tuple(_result(outcome, titles[outcome.task_id]) for outcome in outcomes)
        done = sum(outcome.is_done for outcome in outcomes)
        return await draw_results(
            request,
            "办理结果",
            f"办理了 {done} 件" + (f"，{len(results) - done} 件没有办成。" if done < len(results) else "。"),
            results,
            Link("审批", "/admin/approvals"),
        )

    async def draw(drawn: Drawn, status: int) -> HTTPResponse:
        return await _draw(request, shown_in(drawn.typed), drawn, status)

    return await answer_loose(request, FIELDS, act, draw)


def shown_in(typed: dict[str, Any]) -> list[str]:
    """The tasks that the form showed: each carries its version."""
    return [name.removeprefix("version-") for name in typed if name.startswith("version-")]


def wanted_decisions(typed: dict[str, Any]) -> list[ChosenDecision]:
    """The decisions that were chosen. Nothing is done while a reason is missing: raises InvalidInput naming each."""
    faults, wanted = list[FieldError](), list[ChosenDecision]()
    for task_id in shown_in(typed):
        choice, opinion = str(typed.get(f"choice-{task_id}", "")), str(typed.get(f"opinion-{task_id}", ""))
        if not choice:
            continue
        faults += _faults(task_id, choice, opinion, str(typed[f"version-{task_id}"]))
        if not faults:
            version = int(typed[f"version-{task_id}"])
            wanted.append(ChosenDecision(task_id=task_id, choice=choice, version=version, opinion=opinion))  # type: ignore[arg-type]
    if faults:
        raise InvalidInput(fields=faults)
    if not wanted:
        raise InvalidInput("approval.none_chosen")
    return wanted


def _faults(task_id: str, choice: str, opinion: str, version: str) -> Iterable[FieldError]:
    if choice not in get_args(Choice):
        yield FieldError(f"choice-{task_id}", "input.not_a_choice")
    if not re.fullmatch(r"\d{1,9}", version, re.ASCII):
        yield FieldError(f"version-{task_id}", "input.wrong_type")
    if choice in _NEEDS_WORDS and len(opinion.strip()) < SHORTEST_REASON:
        yield FieldError(f"opinion-{task_id}", "approval.opinion_needed", limit=SHORTEST_REASON)
    if len(opinion) > LONGEST_OPINION:
        yield FieldError(f"opinion-{task_id}", "input.too_long", limit=LONGEST_OPINION)


async def _title(actor: Actor, task_id: str) -> str:
    try:
        return (await task_view(actor, task_id)).title
    except NotFound:
        return "没有找到的申请"


def _result(outcome: DecisionOutcome, title: str) -> Result:
    text = f"{outcome.task.state_name}" if outcome.task else outcome.sentence
    return Result(title, _BADGES[outcome.is_done], text, f"/admin/approvals/{outcome.task_id}")


async def _draw(request: Request, task_ids: list[str], drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    wanted = list(dict.fromkeys(task_ids))[:MOST_AT_ONCE]
    items = [item for item in [await _item(actor, task_id) for task_id in wanted] if item is not None]
    return await door.draw(
        request,
        "admin/approvals_several.html",
        status,
        items=items,
        missing=len(wanted) - len(items),
        most=MOST_AT_ONCE,
        is_cut=len(set(task_ids)) > MOST_AT_ONCE,
        drawn=drawn,
        longest=LONGEST_OPINION,
        crumbs=(Link("审批", "/admin/approvals"), Link("一次办理几件")),
    )


async def _item(actor: Actor, task_id: str) -> Item | None:
    """One of them as it is now; None where it does not wait for the reader any more."""
    try:
        task = await task_view(actor, task_id[:16])
        subject = await subject_of(actor, task)
    except NotFound:
        return None
    if not task.can_return or subject.version is None:
        return None
    step = Fact(
        "这一步", f"{task.step_name}（第 {task.step_number} 步，共 {task.step_count} 步）：{task.why or '按规定'}"
    )
    return Item(task, subject, (*subject.short, step), CHOICES)
