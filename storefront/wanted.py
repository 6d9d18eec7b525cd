"""需求广场: what units look for; posting it, answering it, ending it."""

from typing import Annotated, Literal

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.types import IdleHit
from server.circulation.wanted.commands import close_wanted, offer_thing, post_wanted
from server.circulation.wanted.queries import POSTERS, closable_view, list_wanted, offerable, wanted_view
from server.circulation.wanted.types import (
    CloseWanted,
    OfferThing,
    OfferView,
    PostWanted,
    WantedDetail,
    WantedRow,
    WantedView,
)
from server.identity.scope import require_role
from server.kernel.errors import DomainError
from server.kernel.reading import present_day
from server.web.downloads import list_links
from server.web.formats import day, exact
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Badge, Card, Event, Fact, Link, Option, Tone
from server.web.sessions import actor_for_write, actor_of
from storefront.addresses import Cursor, Words, asked
from storefront.form_state import FormState
from storefront.rows import ListRow, paging_hrefs
from storefront.surround import door
from storefront.things import free_badge, picture_of

VIEWS: dict[WantedView, str] = {"board": "大家要的", "unit": "本单位发布的"}
POST_LABELS = {
    "title": "要什么",
    "quantity": "数量",
    "term": "用多久",
    "days": "天数",
    "category_code": "品目编码",
    "note": "说明",
    "reach": "让谁看到",
}
OFFER_LABELS = {"words": "应答", "listing_id": "提供哪一件"}
CLOSE_LABELS = {"result": "结果", "note": "说明"}
TERMS = (Option("days", "借用一段时间"), Option("permanent", "长期使用（调剂）"))
REACHES = (Option("city", "全市", "全市各单位都能看到。"), Option("district", "本区县", "只有本区县的单位能看到。"))
RESULTS = (Option("met", "已解决"), Option("withdrawn", "不要了"))
TONES: dict[str, Tone] = {"open": "accent", "met": "ok", "withdrawn": "neutral", "expired": "neutral"}
Long = Annotated[str, msgspec.Meta(max_length=500)]


class PostForm(msgspec.Struct, frozen=True):
    """What is looked for, as it is typed."""

    title: Annotated[str, msgspec.Meta(max_length=64)]
    quantity: int
    term: Literal["days", "permanent"]
    reach: Literal["city", "district"]
    days: int | None = None
    category_code: Annotated[str, msgspec.Meta(max_length=12)] = ""
    note: Long = ""


class OfferForm(msgspec.Struct, frozen=True):
    """An answer."""

    words: Long
    listing_id: Annotated[str, msgspec.Meta(max_length=16)] | None = None


class CloseForm(msgspec.Struct, frozen=True):
    """How a post ends."""

    result: Literal["met", "withdrawn"]
    note: Long


class BoardQuery(msgspec.Struct, frozen=True):
    """Everybody's posts or the unit's own, what is searched, and where the page begins."""

    view: WantedView = "board"
    q: Words = ""
    after: Cursor | None = None


@door.get("/wanted", summary="需求广场")
async def board(request: Request) -> HTTPResponse:
    actor = actor_of(request)
    query = asked(request, BoardQuery)
    view, text = query.view, query.q
    page = await list_wanted(actor, view, text, query.after)
    first, following = paging_hrefs(request, page.next_cursor)
    return await door.draw(
        request,
        "storefront/wanted.html",
        rows=[_row(row) for row in page.items],
        tabs=[Link(label, f"/wanted?view={key}", key == view) for key, label in VIEWS.items()],
        view=view,
        text=text,
        can_post=actor.has_role(*POSTERS),
        first_href=first,
        next_href=following,
        exports=list_links("/wanted", query),
    )


@door.get("/wanted/new", summary="发布需求")
async def new_post(request: Request) -> HTTPResponse:
    title = asked(request, BoardQuery).q
    return await _draw_new(request, FormState.blank(POST_LABELS, title=title, quantity="1", term="days", reach="city"))


@door.post("/wanted", summary="发布需求")
async def submit_post(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(PostForm)
        posted = await post_wanted(
            actor,
            PostWanted(
                title=body.title,
                quantity=body.quantity,
                note=body.note,
                category_code=body.category_code,
                is_permanent=body.term == "permanent",
                days=body.days,
                reach=body.reach,
            ),
        )
    except DomainError as error:
        return await _draw_new(request, FormState.refused(error, form, POST_LABELS))
    found = (
        f"大厅里现有 {len(posted.hits)} 件可能合适的，就在下面。" if posted.hits else "有合适的上架时会发消息告诉您。"
    )
    return redirect_with(request, f"/wanted/{posted.id}", Flash("ok", f"需求已发布。{found}"))


@door.get("/wanted/<wanted_id>", summary="需求详情")
async def post(request: Request, wanted_id: str) -> HTTPResponse:
    return await _draw_post(request, wanted_id, FormState.blank(OFFER_LABELS))


@door.post("/wanted/<wanted_id>/offers", summary="应答需求")
async def submit_offer(request: Request, wanted_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(OfferForm)
        await offer_thing(actor, OfferThing(wanted_id=wanted_id, words=body.words, listing_id=body.listing_id))
    except DomainError as error:
        return await _draw_post(request, wanted_id, FormState.refused(error, form, OFFER_LABELS))
    return redirect_with(request, f"/wanted/{wanted_id}", Flash("ok", "已应答，对方会收到消息。"))


@door.get("/wanted/<wanted_id>/closing", summary="关闭需求")
async def closing(request: Request, wanted_id: str) -> HTTPResponse:
    it = await closable_view(actor_of(request), wanted_id)
    return await _draw_closing(request, it, FormState.blank(CLOSE_LABELS, result="met"))


@door.post("/wanted/<wanted_id>/closing", summary="关闭需求")
async def submit_closing(request: Request, wanted_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await closable_view(actor_of(request), wanted_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(CloseForm)
        await close_wanted(actor, CloseWanted(wanted_id=wanted_id, is_met=body.result == "met", note=body.note))
    except DomainError as error:
        return await _draw_closing(request, it, FormState.refused(error, form, CLOSE_LABELS))
    return redirect_with(request, f"/wanted/{wanted_id}", Flash("ok", "需求已关闭，应答过的单位会收到消息。"))


def _row(row: WantedRow) -> ListRow:
    answers = f" · {row.offers} 个单位应答" if row.offers else ""
    return ListRow(
        href=f"/wanted/{row.id}",
        title=f"{row.title} {row.quantity} 件",
        detail=f"{row.unit_name} · {row.region_name} · {_term(row)}{answers}",
        badge=Badge(row.state_name, TONES[row.state]),
        at=row.posted_at,
    )


def _term(it: WantedRow | WantedDetail) -> str:
    return "长期使用" if it.is_permanent else f"用 {it.days} 天"


async def _draw_new(request: Request, form: FormState) -> HTTPResponse:
    require_role(actor_of(request), *POSTERS)
    return await door.draw(
        request,
        "storefront/wanted_new.html",
        form.status,
        f=form,
        terms=TERMS,
        reaches=REACHES,
        who="品目编码不知道可以留空，写清要什么就行。",
        crumbs=[Link("需求广场", "/wanted"), Link("发布需求")],
    )


async def _draw_post(request: Request, wanted_id: str, form: FormState) -> HTTPResponse:
    actor = actor_of(request)
    it = await wanted_view(actor, wanted_id)
    return await door.draw(
        request,
        "storefront/wanted_post.html",
        form.status,
        it=it,
        f=form,
        badge=Badge(it.state_name, TONES[it.state]),
        facts=_facts(it),
        offers=[_offer(offer) for offer in it.offers],
        cards=[_card(hit) for hit in it.hits],
        listings=[Option(id_, name) for id_, name in await offerable(actor)] if it.can_offer else [],
        who="应答由单位资产管理员办理。",
        crumbs=[Link("需求广场", "/wanted"), Link(it.title)],
    )


async def _draw_closing(request: Request, it: WantedDetail, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/wanted_closing.html",
        form.status,
        it=it,
        f=form,
        results=RESULTS,
        facts=_facts(it)[:3],
        who="只有发布人和本单位资产管理员能关闭。",
    )


def _facts(it: WantedDetail) -> list[Fact]:
    facts = [
        Fact("数量", f"{it.quantity} 件"),
        Fact("用多久", _term(it)),
        Fact("发布单位", f"{it.unit_name}，{it.region_name}"),
        Fact("联系人", it.poster_name),
        Fact("品目", it.category_name),
        Fact("说明", it.note),
        Fact("发布", exact(it.posted_at)),
        Fact("有效期", f"至 {day(it.expires_on)}" if it.state == "open" else ""),
        Fact("结果", it.closed_note or ""),
    ]
    return [fact for fact in facts if fact.value]


def _offer(offer: OfferView) -> Event:
    href = f"/sharing/{offer.listing_id}" if offer.listing_id else ""
    words = f"{offer.words}（{offer.listing_name}）" if offer.listing_name else offer.words
    return Event(offer.unit_name, offer.offered_at, offer.offered_by_name, words, href)


def _card(hit: IdleHit) -> Card:
    return Card(
        href=f"/sharing/{hit.listing_id}",
        name=hit.name,
        picture=picture_of(None, hit.category_code),
        place=f"{hit.region_name} · {hit.place_name}",
        condition=hit.condition_name,
        owner=hit.holder_unit_name,
        state=free_badge(hit.free_from, present_day()),
        is_illustration=True,
    )
