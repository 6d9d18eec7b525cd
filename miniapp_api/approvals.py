"""Approvals: what waits for me, and my decision on it."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.bodies import Count, Paging, RequiredText, Text
from server.approvals.commands import decide, decide_each, return_task
from server.approvals.queries import count_pending, list_tasks, task_view
from server.approvals.types import MOST_AT_ONCE, ChosenDecision, Decide, DecisionOutcome, ReturnTask, TaskView
from server.kernel.paging import Page
from server.web.sessions import actor_of

TAG = "审批"


class TaskQuery(Paging, frozen=True, kw_only=True):
    """`pending`: what waits for me; `decided`: what I decided."""

    state: str = "pending"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Yes or no, and why. An opinion is required for a no. `version`: the subject's, as it was shown."""

    is_approved: bool
    opinion: Text = ""
    version: int | None = None


class Returning(msgspec.Struct, frozen=True, kw_only=True):
    """What to correct. `version`: the subject's, as it was shown."""

    opinion: RequiredText
    version: int | None = None


class SeveralDecisions(msgspec.Struct, frozen=True, kw_only=True):
    """Each with the version of its subject that was shown."""

    decisions: Annotated[tuple[ChosenDecision, ...], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)]


@api.get("/approvals", answer=Page[TaskView], query=TaskQuery, summary="审批事项列表", tag=TAG)
async def get_tasks(request: Request, query: TaskQuery) -> Page[TaskView]:
    return await list_tasks(actor_of(request), query.state, query.cursor)


@api.get("/approvals/pending-count", answer=Count, summary="待我审批的件数", tag=TAG)
async def get_pending_count(request: Request) -> Count:
    return Count(await count_pending(actor_of(request)))


@api.get("/approvals/<task_id>", answer=TaskView, summary="审批事项", tag=TAG)
async def get_task(request: Request, task_id: str) -> TaskView:
    return await task_view(actor_of(request), task_id)


@api.write(
    "POST", "/approvals/<task_id>/decision", body=Decision, answer=TaskView, summary="审批决定", tag=TAG, status=201
)
async def post_decision(request: Request, task_id: str, body: Decision) -> TaskView:
    return await decide(actor_of(request), Decide(task_id, body.is_approved, body.opinion, body.version))


@api.write(
    "POST", "/approvals/<task_id>/return", body=Returning, answer=TaskView, summary="退回修改", tag=TAG, status=201
)
async def post_return_to_applicant(request: Request, task_id: str, body: Returning) -> TaskView:
    return await return_task(actor_of(request), ReturnTask(task_id, body.opinion, body.version))


@api.write(
    "POST",
    "/approvals/decisions",
    body=SeveralDecisions,
    answer=list[DecisionOutcome],
    summary="一次审批几件",
    tag=TAG,
    status=201,
)
async def post_decisions(request: Request, body: SeveralDecisions) -> list[DecisionOutcome]:
    return await decide_each(actor_of(request), body.decisions)
