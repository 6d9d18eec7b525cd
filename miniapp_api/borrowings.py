"""Borrowing: apply, withdraw, look; and at the desk make ready, issue, take back, inspect, settle damage."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from sanic import HTTPResponse, Request

from miniapp_api.api import api
from miniapp_api.bodies import Count, Key, Paging, Reason, RequiredText, Text
from miniapp_api.papers import paper, site_of
from server.circulation.commands import (
    choose_collection,
    correct_borrowing,
    correct_renewal,
    inspect_rest,
    inspect_return,
    issue_by_code,
    mark_ready,
    put_in_basket,
    renew_borrowing,
    resolve_damage,
    return_by_code,
    sign_handover,
    submit_basket,
    submit_borrowing,
    take_from_basket,
    withdraw_borrowing,
    withdraw_renewal,
)
from server.circulation.queries import borrowing_view, list_basket, list_borrowings, renewal_view, slip_pdf
from server.circulation.types import (
    BasketItemView,
    BasketView,
    BorrowingRow,
    BorrowingView,
    ChooseCollection,
    Collection,
    CorrectBorrowing,
    CorrectRenewal,
    Inspection,
    InspectReturn,
    IssueByCode,
    KeptLine,
    RenewalView,
    RenewBorrowing,
    ResolveDamage,
    ReturnByCode,
    RoleView,
    SignHandover,
    SubmitBasket,
    SubmitBorrowing,
    WantedLine,
    WithdrawBorrowing,
    WithdrawRenewal,
)
from server.kernel.paging import Page
from server.web.sessions import actor_of

TAG = "借用"
DESK = "出入库"
# Of each part that belongs to a thing, by name, how many go out with it or came back.
Ticked = dict[Annotated[str, msgspec.Meta(max_length=64)], Annotated[int, msgspec.Meta(ge=0, le=999)]]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class BorrowingQuery(Paging, frozen=True, kw_only=True):
    """Whose borrowings: my own, my unit's, those of what my unit holds, or those at my desk."""

    role_view: RoleView = "mine"
    state: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class BasketRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """Which thing leaves the basket."""

    asset_id: Key


class RenewalBody(msgspec.Struct, frozen=True, kw_only=True):
    """Until when it should be kept, and why."""

    to_day: date
    reason: RequiredText


class KeptBody(msgspec.Struct, frozen=True, kw_only=True):
    """How many cards of a line are still wanted; none takes it off."""

    item: Annotated[int, msgspec.Meta(ge=1, le=50)]
    quantity: Annotated[int, msgspec.Meta(ge=0, le=500)]


class CorrectionBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent back, as it should be now. `kept`: the lines of which fewer are wanted."""

    from_day: date
    to_day: date
    purpose: RequiredText
    phone: Annotated[str, msgspec.Meta(max_length=32)] | None = None
    kept: Annotated[tuple[KeptBody, ...], msgspec.Meta(max_length=50)] = ()
    note: Text = ""


class RenewalCorrectionBody(msgspec.Struct, frozen=True, kw_only=True):
    """The renewal that was sent back, as it should be now."""

    to_day: date
    reason: RequiredText
    note: Text = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the keeper scanned or typed, and who took it."""

    code: Code
    received_by: Key
    accessories: Ticked | None = None


class ScannedCode(msgspec.Struct, frozen=True, kw_only=True):
    """What the keeper scanned or typed."""

    code: Code
    accessories: Ticked | None = None


class SigningBody(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs for what was handed out or taken back, and the pictures of what they drew."""

    kind: Literal["issue", "return"]
    other_name: Key
    keeper_name: Key
    other_signature_id: Key | None = None
    keeper_signature_id: Key | None = None


class InspectionBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on a thing that came back."""

    asset_id: Key
    result: Inspection
    note: Text = ""
    picture_id: Key | None = None
    accessories: Ticked | None = None


class DamageBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about damage, and where the thing goes. `asset_id`: which, where several are damaged.
    `compensation_fen`: what the borrower's unit pays."""

    decision: RequiredText
    to: Literal["back_to_use", "repair"]
    asset_id: Key | None = None
    compensation_fen: Annotated[int, msgspec.Meta(ge=0, le=10**10)] = 0


@api.get("/borrowings", answer=Page[BorrowingRow], query=BorrowingQuery, summary="借用单列表", tag=TAG)
async def get_borrowings(request: Request, query: BorrowingQuery) -> Page[BorrowingRow]:
    return await list_borrowings(actor_of(request), query.role_view, query.state, query.cursor)


@api.get("/borrowings/<borrowing_id>", answer=BorrowingView, summary="借用单详情", tag=TAG)
async def get_borrowing(request: Request, borrowing_id: str) -> BorrowingView:
    return await borrowing_view(actor_of(request), borrowing_id)


@api.get("/borrowings/<borrowing_id>/slip", answer=bytes, summary="借用单 PDF", tag=TAG)
async def get_slip(request: Request, borrowing_id: str) -> HTTPResponse:
    return paper(await slip_pdf(actor_of(request), borrowing_id, site_of(request)), f"借用单-{borrowing_id}.pdf")


@api.write("POST", "/borrowings", body=SubmitBorrowing, answer=BorrowingView, summary="申请借用", tag=TAG, status=201)
async def post_borrowing(request: Request, body: SubmitBorrowing) -> BorrowingView:
    return await submit_borrowing(actor_of(request), body)


@api.get("/basket", answer=list[BasketItemView], summary="借用清单", tag=TAG)
async def get_basket(request: Request) -> list[BasketItemView]:
    return await list_basket(actor_of(request))


@api.write("POST", "/basket", body=WantedLine, answer=Count, summary="加入借用清单", tag=TAG, status=201)
async def post_to_basket(request: Request, body: WantedLine) -> Count:
    return Count(number=await put_in_basket(actor_of(request), body))


@api.write("POST", "/basket/removal", body=BasketRemoval, answer=Count, summary="移出借用清单", tag=TAG, status=201)
async def post_basket_removal(request: Request, body: BasketRemoval) -> Count:
    return Count(number=await take_from_basket(actor_of(request), body.asset_id))


@api.write("POST", "/baskets", body=SubmitBasket, answer=BasketView, summary="一次申请多种", tag=TAG, status=201)
async def post_basket(request: Request, body: SubmitBasket) -> BasketView:
    return await submit_basket(actor_of(request), body)


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/withdrawal",
    body=Reason,
    answer=BorrowingView,
    summary="撤回借用",
    tag=TAG,
    status=201,
)
async def post_withdrawal(request: Request, borrowing_id: str, body: Reason) -> BorrowingView:
    return await withdraw_borrowing(actor_of(request), WithdrawBorrowing(borrowing_id, body.reason))


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/renewal",
    body=RenewalBody,
    answer=BorrowingView,
    summary="申请续借",
    tag=TAG,
    status=201,
)
async def post_renewal(request: Request, borrowing_id: str, body: RenewalBody) -> BorrowingView:
    return await renew_borrowing(actor_of(request), RenewBorrowing(borrowing_id, body.to_day, body.reason))


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/renewal/withdrawal",
    body=Reason,
    answer=BorrowingView,
    summary="撤回续借",
    tag=TAG,
    status=201,
)
async def post_renewal_withdrawal(request: Request, borrowing_id: str, body: Reason) -> BorrowingView:
    return await withdraw_renewal(actor_of(request), WithdrawRenewal(borrowing_id, body.reason))


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/correction",
    body=CorrectionBody,
    answer=BorrowingView,
    summary="修改后重新提交",
    tag=TAG,
    status=201,
)
async def post_borrowing_correction(request: Request, borrowing_id: str, body: CorrectionBody) -> BorrowingView:
    kept = tuple(KeptLine(each.item, each.quantity) for each in body.kept)
    wanted = CorrectBorrowing(borrowing_id, body.from_day, body.to_day, body.purpose, body.phone, kept, body.note)
    return await correct_borrowing(actor_of(request), wanted)


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/renewal/correction",
    body=RenewalCorrectionBody,
    answer=BorrowingView,
    summary="修改续借后重新提交",
    tag=TAG,
    status=201,
)
async def post_renewal_correction(request: Request, borrowing_id: str, body: RenewalCorrectionBody) -> BorrowingView:
    wanted = CorrectRenewal(borrowing_id, body.to_day, body.reason, body.note)
    return await correct_renewal(actor_of(request), wanted)


@api.get("/renewals/<renewal_id>", answer=RenewalView, summary="续借申请", tag=TAG)
async def get_renewal(request: Request, renewal_id: str) -> RenewalView:
    return await renewal_view(actor_of(request), renewal_id)


@api.write(
    "POST", "/borrowings/<borrowing_id>/readiness", answer=BorrowingView, summary="备好待领", tag=DESK, status=201
)
async def post_readiness(request: Request, borrowing_id: str) -> BorrowingView:
    return await mark_ready(actor_of(request), borrowing_id)


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/issue",
    body=Receipt,
    answer=BorrowingView,
    summary="按借用单扫码发放",
    tag=DESK,
    status=201,
)
async def post_issue_of_borrowing(request: Request, borrowing_id: str, body: Receipt) -> BorrowingView:
    return await issue_by_code(
        actor_of(request), IssueByCode(borrowing_id, body.code, body.received_by, body.accessories)
    )


@api.write("POST", "/issues", body=Receipt, answer=BorrowingView, summary="扫码发放", tag=DESK, status=201)
async def post_issue(request: Request, body: Receipt) -> BorrowingView:
    return await issue_by_code(actor_of(request), IssueByCode(None, body.code, body.received_by, body.accessories))


@api.write("POST", "/returns", body=ScannedCode, answer=BorrowingView, summary="扫码收回", tag=DESK, status=201)
async def post_return(request: Request, body: ScannedCode) -> BorrowingView:
    return await return_by_code(actor_of(request), ReturnByCode(body.code, body.accessories))


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/inspection",
    body=InspectionBody,
    answer=BorrowingView,
    summary="归还验收",
    tag=DESK,
    status=201,
)
async def post_inspection(request: Request, borrowing_id: str, body: InspectionBody) -> BorrowingView:
    wanted = InspectReturn(borrowing_id, body.asset_id, body.result, body.note, body.picture_id, body.accessories)
    return await inspect_return(actor_of(request), wanted)


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/signing",
    body=SigningBody,
    answer=BorrowingView,
    summary="交接签字",
    tag=DESK,
    status=201,
)
async def post_signing(request: Request, borrowing_id: str, body: SigningBody) -> BorrowingView:
    wanted = SignHandover(borrowing_id, **msgspec.structs.asdict(body))
    return await sign_handover(actor_of(request), wanted)


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/collection",
    body=Collection,
    answer=BorrowingView,
    summary="选择领取方式",
    tag=TAG,
    status=201,
)
async def post_collection(request: Request, borrowing_id: str, body: Collection) -> BorrowingView:
    return await choose_collection(actor_of(request), ChooseCollection(borrowing_id, body))


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/inspections",
    answer=BorrowingView,
    summary="其余归还的都完好",
    tag=DESK,
    status=201,
)
async def post_inspections(request: Request, borrowing_id: str) -> BorrowingView:
    return await inspect_rest(actor_of(request), borrowing_id)


@api.write(
    "POST",
    "/borrowings/<borrowing_id>/damage-decision",
    body=DamageBody,
    answer=BorrowingView,
    summary="损坏处理决定",
    tag=DESK,
    status=201,
)
async def post_damage_decision(request: Request, borrowing_id: str, body: DamageBody) -> BorrowingView:
    wanted = ResolveDamage(
        borrowing_id, body.decision, body.to, asset_id=body.asset_id, compensation_fen=body.compensation_fen
    )
    return await resolve_damage(actor_of(request), wanted)
