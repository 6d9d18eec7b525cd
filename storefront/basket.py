"""借用清单: several things chosen one after the other, applied for together; each lender becomes a borrowing."""

from datetime import date, timedelta
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.commands import put_in_basket, submit_basket, take_from_basket
from server.circulation.queries import list_basket, listing_view
from server.circulation.types import BasketItemView, SubmitBasket, WantedLine
from server.identity.roles import Role
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, NotFound, StateConflict
from server.kernel.reading import present_day, reading
from server.policies.queries import add_working_days
from server.web.forms import Problems, TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.sessions import actor_for_write, actor_of
from server.web.statuses import status_of
from storefront.form_state import FormState
from storefront.occasions import occasion_options
from storefront.sharing import BASKET_LABELS as THING_LABELS
from storefront.sharing import USUAL_DAYS, draw_thing
from storefront.surround import door
from storefront.things import picture_of

BASKET = "/basket"
BASKET_LABELS = {
    "from_day": "借用日期",
    "to_day": "归还日期",
    "purpose": "借用事由",
    "occasion_id": "用于哪项活动",
    "phone": "联系电话",
    "lines": "清单",
}


class PutForm(msgspec.Struct, frozen=True):
    """How many of the thing in the address."""

    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1


class RemovalForm(msgspec.Struct, frozen=True):
    """Which thing leaves the basket."""

    asset_id: str


class ApplicationForm(msgspec.Struct, frozen=True):
    """What is the same for everything in the basket."""

    from_day: date
    to_day: date
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    phone: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    occasion_id: str | None = None


class Row(msgspec.Struct, frozen=True):
    """One thing of the basket as it is drawn."""

    item: BasketItemView
    picture: str
    amount: str


class Party(msgspec.Struct, frozen=True):
    """What one lender has at one place: one borrowing."""

    holder: str
    place: str
    rows: list[Row]


@door.post("/sharing/<listing_id>/basket", summary="加入借用清单")
async def put(request: Request, listing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await listing_view(actor_of(request), listing_id)
    try:
        actor = actor_for_write(request, form.key)
        quantity = form.read(PutForm).quantity
        number = await put_in_basket(actor, WantedLine(it.asset_id, quantity if quantity > 1 else None))
    except DomainError as error:
        return await draw_thing(request, it, FormState.refused(error, form, THING_LABELS))
    text = f"已放进借用清单，清单里有 {number} 种。"
    return redirect_with(request, f"/sharing/{it.id}", Flash("ok", text, "去提交", BASKET))


@door.get(BASKET, summary="借用清单")
async def basket(request: Request) -> HTTPResponse:
    return await _draw(request, await _blank(actor_of(request)))


@door.post("/basket/removal", summary="移出借用清单")
async def remove(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    actor = actor_for_write(request, form.key)
    try:
        await take_from_basket(actor, form.read(RemovalForm).asset_id)
    except NotFound as error:
        # Taken out in another window, or sent: the page says what is left.
        blank = await _blank(actor)
        refused = msgspec.structs.replace(blank, problems=Problems.of(error), status=status_of(error))
        return await _draw(request, refused)
    return redirect_with(request, BASKET, Flash("ok", "已移出清单。"))


@door.post("/basket/application", summary="提交借用清单")
async def send_basket(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(ApplicationForm)
        require_role(actor, Role.BORROWER)
        lines = [WantedLine(item.asset_id, item.quantity) for item in await list_basket(actor_of(request))]
        if not lines:
            raise StateConflict("basket.empty")
        wanted = SubmitBasket(lines, body.from_day, body.to_day, body.purpose, body.phone, body.occasion_id or None)
        done = await submit_basket(actor, wanted)
    except DomainError as error:
        return await _draw(request, FormState.refused(error, form, BASKET_LABELS))
    numbers = "、".join(view.number for view in done.borrowings)
    split = f"分属 {len(done.borrowings)} 个出借方，各成一张借用单：" if len(done.borrowings) > 1 else "单号 "
    target = f"/borrowings/{done.borrowings[0].id}" if len(done.borrowings) == 1 else "/borrowings"
    return redirect_with(request, target, Flash("ok", f"申请已提交，{split}{numbers}。"))


async def _blank(actor: Actor) -> FormState:
    first = await _first_day(actor)
    last = first + timedelta(days=USUAL_DAYS - 1)
    return FormState.blank(BASKET_LABELS, from_day=first.isoformat(), to_day=last.isoformat())


async def _first_day(actor: Actor) -> date:
    async with reading() as db:
        return await add_working_days(db, actor.region_path, present_day(), 1)


async def _draw(request: Request, form: FormState) -> HTTPResponse:
    items = await list_basket(actor_of(request))
    return await door.draw(
        request,
        "storefront/basket.html",
        form.status,
        f=form,
        parties=_parties(items),
        has_gone=any(item.listing_id is None for item in items),
        today=present_day(),
        occasions=await occasion_options(actor_of(request)),
        longest=min((item.longest_days for item in items if item.listing_id), default=0),
        who="日期冲突时，可以减少数量、换个日期，或联系出借单位的资产管理员。",
    )


def _parties(items: list[BasketItemView]) -> list[Party]:
    parties: dict[str, Party] = {}
    for item in items:
        party = parties.setdefault(item.party, Party(item.holder_unit_name, item.place_name, []))
        amount = f"{item.quantity} 件" if item.quantity else "1 件"
        party.rows.append(Row(item, picture_of(item.picture_id, item.category_code, is_small=True), amount))
    return list(parties.values())
