"""The sharing hall, a thing's page, and applying to borrow it."""

from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.commands import submit_borrowing
from server.circulation.finding_types import Finds
from server.circulation.queries import find_listings, listing_view
from server.circulation.types import ListingDetail, SubmitBorrowing
from server.identity.queries import list_regions
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.reading import present_day, reading
from server.policies.queries import add_working_days
from server.web.downloads import list_links
from server.web.formats import yuan
from server.web.forms import Problems, TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash, render
from server.web.parsing import build
from server.web.parts import Fact, Link, Option
from server.web.sessions import actor_for_write, actor_of
from storefront import hall_page
from storefront.addresses import asked, typed_day
from storefront.availability import FreeRun, calendar_month, month_of, next_free_runs
from storefront.form_state import FormState
from storefront.hall_page import HallQuery
from storefront.hourly_words import opening_words
from storefront.occasions import occasion_options
from storefront.past import past_of
from storefront.shelves import shelf_of
from storefront.surround import door
from storefront.things import card_of, free_badge, picture_of

APPLY_LABELS = {
    "quantity": "数量",
    "from_day": "借用日期",
    "to_day": "归还日期",
    "purpose": "借用事由",
    "occasion_id": "用于哪项活动",
    "phone": "联系电话",
}
BASKET_LABELS = {"quantity": "数量"}
USUAL_DAYS = 3


class ApplyForm(msgspec.Struct, frozen=True):
    """What the application form sends; the thing is in the address, the unit is the session's."""

    from_day: date
    to_day: date
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    phone: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1
    occasion_id: str | None = None


@door.get("/sharing", summary="共享大厅")
async def hall(request: Request) -> HTTPResponse:
    actor, typed = actor_of(request), hall_page.typed_query(request)
    query, problems, finds = None, Problems(), None
    try:
        query = build(typed, HallQuery, is_strict=False)
        finds = await find_listings(actor, query.filter(), query.after or None)
    except InvalidInput as error:
        problems = Problems.of(hall_fields(error))
    facts = await _hall_facts(actor, typed, query, problems, finds)
    status = 400 if problems else 200
    if request.headers.get("hx-request") and not request.headers.get("hx-history-restore-request"):
        return HTTPResponse(
            render("storefront/_hall.html", page=await door.context(request), **facts),
            status=status,
            content_type="text/html; charset=utf-8",
            headers={"Vary": "HX-Request"},
        )
    return await door.draw(request, "storefront/hall.html", status, **facts)


class ThingQuery(msgspec.Struct, frozen=True):
    """The month of the calendar, `2026-12`."""

    month: Annotated[str, msgspec.Meta(pattern=r"^[1-9]\d{3}-(0[1-9]|1[0-2])$")] | None = None


class DaysQuery(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The days that were pointed at in the calendar."""

    first: date | None = None
    last: date | None = None


@door.get("/sharing/<listing_id>", summary="共享资产详情")
async def thing(request: Request, listing_id: str) -> HTTPResponse:
    it = await listing_view(actor_of(request), listing_id)
    return await draw_thing(request, it, FormState.blank(BASKET_LABELS, quantity="1"))


async def draw_thing(request: Request, it: ListingDetail, form: FormState) -> HTTPResponse:
    """A thing's page. `form`: how many of it are put into the basket."""
    actor = actor_of(request)
    address, today = f"/sharing/{it.id}", present_day()
    first = month_of(asked(request, ThingQuery).month)
    apply = f"{address}/apply" if it.can_borrow else ""
    return await door.draw(
        request,
        "storefront/listing.html",
        form.status,
        it=it,
        f=form,
        picture=picture_of(it.picture_id, it.category_code),
        free_badge=free_badge(it.free_from, today),
        facts=_facts(it),
        month=await calendar_month(actor, it.asset_id, first, address, apply),
        events=await past_of(actor, it.asset_id),
        why_not=_why_not(actor, it),
        hours_words=opening_words(it),
        crumbs=_crumbs(it),
    )


@door.get("/sharing/<listing_id>/apply", summary="借用申请")
async def application(request: Request, listing_id: str) -> HTTPResponse:
    actor = actor_of(request)
    it = await listing_view(actor, listing_id)
    query = asked(request, DaysQuery)
    first, last = await _default_days(actor, it, query.first, query.last)
    form = FormState.blank(APPLY_LABELS, quantity="1", from_day=first.isoformat(), to_day=last.isoformat())
    return await _draw_application(request, it, form)


@door.post("/sharing/<listing_id>/apply", summary="提交借用申请")
async def submit_application(request: Request, listing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await listing_view(actor_of(request), listing_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(ApplyForm)
        # One is this very thing; of several, each may be any that is equal to it.
        quantity = body.quantity if body.quantity > 1 else None
        days = (body.from_day, body.to_day)
        wanted = SubmitBorrowing(
            it.asset_id, *days, body.purpose, body.phone, quantity, occasion_id=body.occasion_id or None
        )
        borrowing = await submit_borrowing(actor, wanted)
    except DomainError as error:
        return await _draw_application(request, it, FormState.refused(error, form, APPLY_LABELS))
    text = f"申请已提交，单号 {borrowing.number}。审批有结果会在消息里告诉您。"
    return redirect_with(request, f"/borrowings/{borrowing.id}", Flash("ok", text))


def hall_fields(error: InvalidInput) -> InvalidInput:
    """The domain's field names as the hall's address calls them."""
    names = {"free_from": "from", "free_to": "to", "text": "q", "region_code": "region", "category_prefix": "category"}
    names |= {"holder_unit_id": "unit", "place_id": "place", "free_by": "free", "value_from": "value"}
    for problem in error.fields:
        problem.field = names.get(problem.field, problem.field)
    return error


async def _hall_facts(
    actor: Actor, typed: dict[str, str], query: HallQuery | None, problems: Problems, finds: Finds | None
) -> dict[str, Any]:
    today = present_day()
    regions, conditions = await _regions(actor), hall_page.condition_options()
    form = FormState(typed=typed, labels=hall_page.LABELS, problems=problems, key="")
    more = finds.next_cursor if finds else None
    tallies = finds.tallies if finds else None
    return {
        "f": form,
        "facets": (hall_page.category_facet(typed, tallies),),
        "count_facets": hall_page.count_facets(typed, tallies),
        "regions": hall_page.with_counts(regions, tallies.regions) if tallies else regions,
        "conditions": hall_page.with_counts(conditions, tallies.conditions) if tallies else conditions,
        "chosen": hall_page.chosen_links(typed, query, regions, _names(finds)),
        "sorts": hall_page.sort_links(typed, finds.sort if finds else "newest"),
        "cards": [card_of(row, today) for row in finds.items] if finds else [],
        "today": today,
        "result_line": _result_line(finds, is_searched="q" in typed) if finds else "",
        "reads_as": finds.reads_as if finds else [],
        "empty_title": f"没有找到“{typed['q']}”" if "q" in typed else "没有符合条件的公物",
        "first_href": hall_page.address(typed) if "after" in typed else "",
        "next_href": hall_page.address(typed, after=more) if more else "",
        "is_narrowed": bool(problems),
        "here": hall_page.address(typed),
        "exports": list_links(hall_page.PATH, query),
        "save_name": typed.get("q", "")[:60],
        **hall_page.narrowing(typed),
    }


def _names(finds: Finds | None) -> dict[str, dict[str, str]]:
    """The names of the units and places that were found, for the words of the chosen filters."""
    if finds is None:
        return {}
    return {
        "unit": {tally.value: tally.label for tally in finds.tallies.units},
        "place": {tally.value: tally.label for tally in finds.tallies.places},
    }


def _result_line(finds: Finds, *, is_searched: bool) -> str:
    if not finds.total:
        return "没有找到"
    if not finds.is_capped:
        return f"共 {finds.total} 件"
    if is_searched:
        return f"很多件相符，只排列最相关的 {finds.total} 件；加一个词可以找得更准。"
    return f"{finds.total} 件以上；分项件数按其中排在前面的 {finds.total} 件统计。"


async def chosen_words(request: Request, query: HallQuery) -> list[str]:
    """What the hall is narrowed to, as its page says it."""
    actor, typed = actor_of(request), hall_page.typed_query(request)
    if not typed:
        return []
    finds, regions = await find_listings(actor, query.filter(), size=1), await _regions(actor)
    return [link.label for link in hall_page.chosen_links(typed, query, regions, _names(finds))]


async def _regions(actor: Actor) -> tuple[Option, ...]:
    # The second code of a region path is the city; everybody's hall is at most the city's.
    city = actor.region_path.split("/")[1:2]
    return hall_page.region_options(await list_regions(city[0])) if city and city[0] else ()


def _facts(it: ListingDetail) -> list[Fact]:
    shelf = shelf_of(it.category_code)
    facts = [
        Fact("所在地", f"{it.region_name} · {it.place_name}"),
        Fact("保管单位", it.holder_unit_name),
        Fact("品类", it.category_name, shelf.href if shelf else ""),
        Fact("品牌型号", f"{it.brand} {it.model}".strip()),
        Fact("规格", it.specification),
        Fact("账面原值", yuan(it.value_fen)),
        Fact("同款", f"这里有 {it.alike_count} 件一样的，可以一次借几件" if it.alike_count > 1 else ""),
        Fact("资产编号", it.code, is_code=True),
    ]
    return [fact for fact in facts if fact.value]


def _crumbs(it: ListingDetail) -> list[Link]:
    shelf = shelf_of(it.category_code)
    middle = [Link(shelf.label, shelf.href)] if shelf else []
    return [Link("共享大厅", hall_page.PATH), *middle, Link(it.name)]


def _why_not(actor: Actor, it: ListingDetail) -> str:
    if it.holder_unit_id == actor.unit_id:
        return "这件公物由本单位保管，要用时直接找本单位资产管理员，不必申请。"
    if not actor.has_role(Role.BORROWER):
        return "您现在的岗位没有借用权限。需要借用时，请本单位有借用权限的同事申请，或请系统管理员开通。"
    return f"您单位目前不能借用这件公物，请与 {it.holder_unit_name} 的资产管理员联系。"


async def _default_days(actor: Actor, it: ListingDetail, first: date | None, last: date | None) -> tuple[date, date]:
    # A day that has gone by since the address was made is none.
    start = first if first is not None and first >= present_day() else None
    if start is None:
        async with reading() as db:
            start = max(await add_working_days(db, actor.region_path, present_day(), 1), it.free_from)
    usual = start + timedelta(days=min(USUAL_DAYS, it.longest_days) - 1)
    return start, last if last is not None and last >= start else usual


async def _draw_application(request: Request, it: ListingDetail, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/apply.html",
        form.status,
        it=it,
        f=form,
        picture=picture_of(it.picture_id, it.category_code, is_small=True),
        today=present_day(),
        occasions=await occasion_options(actor_of(request)),
        who=f"{it.holder_unit_name} 的资产管理员可以帮您协调日期或推荐别的。",
        free_runs=await _free_runs(actor_of(request), it, form),
        crumbs=[*_crumbs(it)[:-1], Link(it.name, f"/sharing/{it.id}"), Link("申请借用")],
    )


async def _free_runs(actor: Actor, it: ListingDetail, form: FormState) -> list[FreeRun]:
    first, last = typed_day(form.value("from_day")), typed_day(form.value("to_day"))
    if form.code != "asset.not_available" or form.value("quantity") not in {"", "1"} or first is None or last is None:
        return []
    return await next_free_runs(actor, it.asset_id, (last - first).days + 1)
