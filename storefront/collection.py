"""Choosing how to get what is borrowed: fetching it or having it brought, and when."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.commands import choose_collection
from server.circulation.handing_over import HALF_NAMES, WAY_NAMES, collection_words
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView, ChooseCollection, Collection
from server.kernel.errors import DomainError
from server.kernel.reading import present_day
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Link, Option
from server.web.sessions import actor_for_write, actor_of
from storefront.form_state import FormState
from storefront.surround import door

LABELS = {"way": "领取方式", "day": "哪一天", "half": "上午还是下午", "address": "送到哪里"}
WAYS = (
    Option("pickup", WAY_NAMES["pickup"], "到领取地点找仓管员。"),
    Option("delivery", WAY_NAMES["delivery"], "请出借方送来；能不能送，由出借方安排。"),
)
HALVES = tuple(Option(value, name) for value, name in HALF_NAMES.items())


class CollectionForm(msgspec.Struct, frozen=True):
    """How and when."""

    way: Literal["pickup", "delivery"]
    day: date
    half: Literal["morning", "afternoon"]
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""


@door.get("/borrowings/<borrowing_id>/collection", summary="选择领取方式")
async def collecting(request: Request, borrowing_id: str) -> HTTPResponse:
    it = await borrowing_view(actor_of(request), borrowing_id)
    now = it.collection
    form = FormState.blank(
        LABELS,
        way=now.way if now else "pickup",
        day=(now.day if now else max(it.from_day, present_day())).isoformat(),
        half=now.half if now else "morning",
        address=now.address if now else "",
    )
    return await _draw(request, it, form)


@door.post("/borrowings/<borrowing_id>/collection", summary="保存领取方式")
async def submit_collection(request: Request, borrowing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await borrowing_view(actor_of(request), borrowing_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(CollectionForm)
        wanted = Collection(body.way, body.day, body.half, body.address)
        view = await choose_collection(actor, ChooseCollection(it.id, wanted))
    except DomainError as error:
        return await _draw(request, it, FormState.refused(error, form, LABELS))
    assert view.collection is not None
    text = f"已告诉仓管员：{collection_words(view.collection)}。"
    return redirect_with(request, f"/borrowings/{it.id}", Flash("ok", text))


async def _draw(request: Request, it: BorrowingView, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/collection.html",
        form.status,
        it=it,
        f=form,
        ways=WAYS,
        halves=HALVES,
        who=f"有疑问可联系 {it.holder_unit_name} 的资产管理员。",
        crumbs=[Link("借用", "/borrowings"), Link(it.number, f"/borrowings/{it.id}"), Link("领取方式")],
    )
