"""Purchase needs: record, search for what is idle, prove that nothing would do, submit."""

from datetime import date
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from miniapp_api.api import api
from miniapp_api.bodies import Key, Paging, Reason, RequiredText, Text
from miniapp_api.papers import paper, site_of
from server.kernel.paging import Page
from server.procurement.commands import (
    correct_need,
    issue_proof,
    meet_need,
    record_need,
    search_idle,
    submit_need,
    withdraw_need,
)
from server.procurement.queries import list_needs, need_view, proof_pdf
from server.procurement.states import Refusal
from server.procurement.types import CorrectNeed, HitRefusal, IssueProof, NeedRow, NeedView, RecordNeed, RoleView
from server.web.sessions import actor_of

TAG = "购置需求与闲置证明"


class NeedQuery(Paging, frozen=True, kw_only=True):
    """Whose needs: my own, or my unit's."""

    role_view: RoleView = "mine"
    state: Annotated[str, msgspec.Meta(max_length=16)] | None = None


class NeedBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be bought. Money is integer fen for all pieces together."""

    category_code: Annotated[str, msgspec.Meta(min_length=1, max_length=12)]
    item: Key
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    specification: RequiredText
    purpose: RequiredText
    budget_fen: Annotated[int, msgspec.Meta(ge=1, le=10**13)]
    needed_by: date
    is_emergency: bool = False
    emergency_reason: Text = ""


class CorrectionBody(msgspec.Struct, frozen=True, kw_only=True):
    """What of a returned need may be changed: less of it, another day or purpose."""

    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    budget_fen: Annotated[int, msgspec.Meta(ge=1, le=10**13)]
    needed_by: date
    purpose: RequiredText
    note: Text = ""


class RefusalBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why one found thing is not taken."""

    listing_id: Key
    reason: Refusal
    words: Annotated[str, msgspec.Meta(max_length=200)] = ""


class ProofBody(msgspec.Struct, frozen=True, kw_only=True):
    """A reason for every hit of the need's latest search."""

    search_id: Key
    refusals: Annotated[tuple[RefusalBody, ...], msgspec.Meta(max_length=500)] = ()


class HowBody(msgspec.Struct, frozen=True, kw_only=True):
    """How the need was met without buying."""

    how: RequiredText


@api.get("/needs", answer=Page[NeedRow], query=NeedQuery, summary="购置需求列表", tag=TAG)
async def get_needs(request: Request, query: NeedQuery) -> Page[NeedRow]:
    return await list_needs(actor_of(request), query.role_view, query.state, query.cursor)


@api.get("/needs/<need_id>", answer=NeedView, summary="购置需求详情", tag=TAG)
async def get_need(request: Request, need_id: str) -> NeedView:
    return await need_view(actor_of(request), need_id)


@api.get("/needs/<need_id>/proof", answer=bytes, summary="闲置证明 PDF", tag=TAG)
async def get_proof(request: Request, need_id: str) -> HTTPResponse:
    actor = actor_of(request)
    return paper(await proof_pdf(actor, need_id, site_of(request)), "闲置证明.pdf")


@api.write("POST", "/needs", body=NeedBody, answer=NeedView, summary="提购置需求", tag=TAG, status=201)
async def post_need(request: Request, body: NeedBody) -> NeedView:
    return await record_need(actor_of(request), RecordNeed(**msgspec.structs.asdict(body)))


@api.write("POST", "/needs/<need_id>/search", answer=NeedView, summary="检索闲置资产", tag=TAG, status=201)
async def post_need_search(request: Request, need_id: str) -> NeedView:
    return await search_idle(actor_of(request), need_id)


@api.write(
    "POST", "/needs/<need_id>/proof", body=ProofBody, answer=NeedView, summary="出具闲置证明", tag=TAG, status=201
)
async def post_need_proof(request: Request, need_id: str, body: ProofBody) -> NeedView:
    refusals = tuple(HitRefusal(**msgspec.structs.asdict(each)) for each in body.refusals)
    return await issue_proof(actor_of(request), need_id, IssueProof(search_id=body.search_id, refusals=refusals))


@api.write("POST", "/needs/<need_id>/submission", answer=NeedView, summary="提交审批", tag=TAG, status=201)
async def post_need_submission(request: Request, need_id: str) -> NeedView:
    return await submit_need(actor_of(request), need_id)


@api.write(
    "POST",
    "/needs/<need_id>/correction",
    body=CorrectionBody,
    answer=NeedView,
    summary="修改后重新提交购置需求",
    tag=TAG,
    status=201,
)
async def post_need_correction(request: Request, need_id: str, body: CorrectionBody) -> NeedView:
    return await correct_need(actor_of(request), CorrectNeed(need_id=need_id, **msgspec.structs.asdict(body)))


@api.write(
    "POST", "/needs/<need_id>/withdrawal", body=Reason, answer=NeedView, summary="撤回购置需求", tag=TAG, status=201
)
async def post_need_withdrawal(request: Request, need_id: str, body: Reason) -> NeedView:
    return await withdraw_need(actor_of(request), need_id, body.reason)


@api.write(
    "POST", "/needs/<need_id>/meeting", body=HowBody, answer=NeedView, summary="登记调剂解决", tag=TAG, status=201
)
async def post_need_meeting(request: Request, need_id: str, body: HowBody) -> NeedView:
    return await meet_need(actor_of(request), need_id, body.how)
