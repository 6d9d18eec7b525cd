"""共享: putting a card on the sharing board and taking it down."""

from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from admin.asset_words import asset_facts
from admin.assets import LISTERS, crumbs_of
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from server.assets.queries import card_view
from server.assets.types import AssetView
from server.circulation.commands import close_listing, open_listing
from server.circulation.queries import open_listing_of
from server.circulation.types import OpeningHours, OpenListing, Reach
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.reading import reading
from server.web.parts import Link, Option
from server.web.sessions import actor_of

REACHES = (
    Option("city", "全市", "全市各单位都能看到和申请。"),
    Option("district", "本区县", "只有本区县的单位能看到和申请。"),
)
USUAL_DAYS = "30"
SLOTS = (
    Option("30", "每段半小时"),
    Option("60", "每段 1 小时"),
    Option("120", "每段 2 小时"),
    Option("240", "每段 4 小时"),
)
# What is agreed on for a thing that is lent by the day.
TERMS = (
    Field(name="terms", label="出借条件", kind="textarea", help="如 自行运输，随附电源线和遥控器。", maxlength=500),
    Field(
        name="longest_days",
        label="一次最长借用",
        value=USUAL_DAYS,
        suffix="天",
        short=True,
        inputmode="numeric",
        help="不能超过本地政策的上限。",
    ),
    Field(name="reach", label="共享范围", kind="radio", options=REACHES, value="city"),
)
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


class ListingForm(msgspec.Struct, frozen=True):
    """Lending terms."""

    terms: str
    longest_days: int
    reach: Reach
    slot_minutes: int | None = None
    opens: Clock = "08:30"
    closes: Clock = "17:30"

    def hours(self) -> OpeningHours | None:
        """When it is lent by the hour; None for the day alone."""
        if self.slot_minutes is None:
            return None
        return OpeningHours(self.slot_minutes, _minute(self.opens), _minute(self.closes))


class ClosingForm(msgspec.Struct, frozen=True):
    """Why it is taken down."""

    reason: str


@door.get("/assets/<asset_id>/listing", summary="上架共享")
async def draw_listing(request: Request, asset_id: str) -> HTTPResponse:
    """The lending terms."""
    return await draw_form(request, await _open_sheet(actor_of(request), asset_id))


@door.post("/assets/<asset_id>/listing", summary="上架共享")
async def list_asset(request: Request, asset_id: str) -> HTTPResponse:
    """Put the card on the board."""

    async def act(actor: Actor, form: ListingForm) -> Done:
        wanted = OpenListing(asset_id, form.terms, form.longest_days, form.reach, form.hours())
        listing = await open_listing(actor, wanted)
        return Done(f"/admin/assets/{asset_id}", f"{listing.name} 已上架。", "在共享大厅查看", f"/sharing/{listing.id}")

    return await answer_form(request, await _open_sheet(actor_of(request), asset_id), ListingForm, act)


@door.get("/assets/<asset_id>/listing/closing", summary="下架")
async def draw_listing_closing(request: Request, asset_id: str) -> HTTPResponse:
    """Why."""
    sheet, _ = await _close_sheet(actor_of(request), asset_id)
    return await draw_form(request, sheet)


@door.post("/assets/<asset_id>/listing/closing", summary="下架")
async def unlist_asset(request: Request, asset_id: str) -> HTTPResponse:
    """Take the card off the board; what was applied for goes on."""
    sheet, listing_id = await _close_sheet(actor_of(request), asset_id)

    async def act(actor: Actor, form: ClosingForm) -> Done:
        listing = await close_listing(actor, listing_id, form.reason)
        return Done(f"/admin/assets/{asset_id}", f"{listing.name} 已下架，已提交的申请照常办理。")

    return await answer_form(request, sheet, ClosingForm, act)


async def _open_sheet(actor: Actor, asset_id: str) -> FormPage:
    require_role(actor, *LISTERS)
    return _sheet(
        await card_view(actor, asset_id),
        "上架共享",
        "listing",
        (
            *TERMS,
            Field(
                name="slot_minutes",
                label="按小时借",
                kind="select",
                options=SLOTS,
                required=False,
                help="不选就只按天借。按小时约了的日子，当天不再整天出借；反过来也一样。",
            ),
            _clock_field("opens", "开放时间从", "08:30"),
            _clock_field("closes", "开放时间到", "17:30"),
        ),
        "上架",
    )


def _clock_field(name: str, label: str, value: str) -> Field:
    return Field(
        name=name,
        label=label,
        value=value,
        short=True,
        required=False,
        help="整点或半点；只按天借的不用管。",
        maxlength=5,
    )


def _minute(clock: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    return hours * 60 + minutes


async def _close_sheet(actor: Actor, asset_id: str) -> tuple[FormPage, str]:
    require_role(actor, *LISTERS)
    card = await card_view(actor, asset_id)
    async with reading() as db:
        listing_id = await open_listing_of(db, card.id)
    if listing_id is None:
        raise NotFound("listing.not_found")
    reason = Field(name="reason", label="下架理由", kind="textarea", maxlength=200)
    return _sheet(card, "下架", "listing/closing", (reason,), "确认下架"), listing_id


def _sheet(card: AssetView, title: str, path: str, fields: tuple[Field, ...], submit: str) -> FormPage:
    return FormPage(
        title=f"{title}：{card.name}",
        action=f"/admin/assets/{card.id}/{path}",
        fields=fields,
        submit=submit,
        back=Link("返回", f"/admin/assets/{card.id}"),
        facts=asset_facts(card),
        crumbs=crumbs_of(card, title),
    )
