"""场所: warehouses with their zones and bins, sites with their rooms, and who keeps what."""

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import parent_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import first_href, next_href, query_of
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, StateConflict
from server.kernel.paging import PAGE_LIMIT
from server.places.commands import correct_place, create_place
from server.places.queries import kinds_for_new_place, list_keepers, list_places, place_view
from server.places.types import KIND_NAMES, CorrectPlace, CreatePlace, PlaceFilter, PlaceKind, PlaceView
from server.web.downloads import list_links
from server.web.parts import Cell, Column, Fact, Link, Option, Row
from server.web.sessions import actor_of

COLUMNS = (Column("名称"), Column("编码", is_nowrap=True), Column("类别"), Column("单位"), Column("地址"))


class PlaceQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    q: str = ""
    kind: PlaceKind | None = None
    closed: bool = False
    cursor: str | None = None


class PlaceForm(msgspec.Struct, frozen=True):
    """A new place as it is typed."""

    kind: PlaceKind
    code: str
    name: str
    parent_id: str | None = None
    address: str = ""


class PlaceWords(msgspec.Struct, frozen=True):
    """Another name and address."""

    name: str
    address: str = ""


@door.get("/places", summary="场所")
async def show_places(request: Request) -> HTTPResponse:
    """The places in the order of their tree."""
    actor, query = actor_of(request), query_of(request, PlaceQuery)
    wanted = PlaceFilter(kind=query.kind, text=query.q, has_closed=query.closed)
    page = await list_places(actor, wanted, query.cursor, size=50)
    return await door.draw(
        request,
        "admin/places.html",
        query=query,
        kinds=tuple(Option(kind, name) for kind, name in KIND_NAMES.items()),
        columns=COLUMNS,
        rows=tuple(_row(place) for place in page.items),
        can_create=bool(kinds_for_new_place(actor)),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/places", query),
    )


@door.get("/places/new", summary="新建场所")
async def draw_new_place(request: Request) -> HTTPResponse:
    """The form, the parent chosen where one came from a place's page."""
    return await draw_form(request, await _new_sheet(actor_of(request), request.args.get("parent_id") or ""))


@door.post("/places", summary="新建场所")
async def add_place(request: Request) -> HTTPResponse:
    """Create the place and go to its page."""

    async def act(actor: Actor, form: PlaceForm) -> Done:
        place = await create_place(actor, CreatePlace(**msgspec.structs.asdict(form)))
        return Done(f"/admin/places/{place.id}", f"已新建 {place.full_name}。")

    return await answer_form(request, await _new_sheet(actor_of(request)), PlaceForm, act)


@door.get("/places/<place_id>", summary="场所详情")
async def show_place(request: Request, place_id: str) -> HTTPResponse:
    """One place: what it is, what stands in it, who keeps it."""
    actor = actor_of(request)
    place = await place_view(actor, place_id)
    below = await list_places(actor, PlaceFilter(parent_id=place.id, has_closed=True), size=PAGE_LIMIT)
    return await door.draw(
        request,
        "admin/place.html",
        place=place,
        facts=facts_of(place),
        below=below.items,
        keepers=await list_keepers(actor, place.id) if place.kind == PlaceKind.WAREHOUSE else [],
    )


@door.get("/places/<place_id>/correction", summary="修改场所")
async def draw_place_correction(request: Request, place_id: str) -> HTTPResponse:
    """The form with the present name and address."""
    return await draw_form(request, _correction_sheet(await managed_place(actor_of(request), place_id)))


@door.post("/places/<place_id>/correction", summary="修改场所")
async def change_place(request: Request, place_id: str) -> HTTPResponse:
    """Change name and address."""

    async def act(actor: Actor, form: PlaceWords) -> Done:
        await correct_place(actor, CorrectPlace(place_id=place_id, name=form.name, address=form.address))
        return Done(f"/admin/places/{place_id}", "已修改。")

    sheet = _correction_sheet(await managed_place(actor_of(request), place_id))
    return await answer_form(request, sheet, PlaceWords, act)


async def managed_place(actor: Actor, place_id: str) -> PlaceView:
    """The place, for whoever may change it: nobody is to fill in a form that will be refused.

    NotFound `place.not_found` out of sight; Forbidden `role.required`, StateConflict `place.closed` in sight.
    """
    place = await place_view(actor, place_id)
    if not place.is_active:
        raise StateConflict("place.closed")
    if not place.can_change:
        raise Forbidden("role.required")
    return place


def facts_of(place: PlaceView) -> tuple[Fact, ...]:
    """What a place is, for the side of its forms too."""
    return (
        Fact("名称", place.full_name),
        Fact("编码", place.code, is_code=True),
        Fact("类别", place.kind_name),
        Fact("单位", place.unit_name),
        Fact("地址", place.address or "—"),
        Fact("状态", "在用" if place.is_active else "已停用"),
    )


def crumbs_of(place: PlaceView, last: str) -> tuple[Link, ...]:
    """The way back to the list and the place."""
    return (Link("场所", "/admin/places"), Link(place.name, f"/admin/places/{place.id}"), Link(last))


def _row(place: PlaceView) -> Row:
    name = place.full_name if place.is_active else f"{place.full_name}（已停用）"
    cells = (Cell(name, f"/admin/places/{place.id}"), Cell(place.code), Cell(place.kind_name))
    return Row((*cells, Cell(place.unit_name), Cell(place.address)))


async def _new_sheet(actor: Actor, parent_id: str = "") -> FormPage:
    kinds = kinds_for_new_place(actor)
    if not kinds:
        raise Forbidden("role.required")
    return FormPage(
        title="新建场所",
        lead="仓库由机关事务管理单位设立；库区、货位建在仓库里，房间建在场所里。",
        action="/admin/places",
        fields=(
            Field(
                name="kind",
                label="类别",
                kind="radio",
                options=tuple(Option(kind, KIND_NAMES[kind]) for kind in kinds),
            ),
            Field(
                name="parent_id",
                label="上级地点",
                kind="select",
                value=parent_id,
                options=await parent_options(actor),
                help="仓库和场所没有上级，留空即可。",
                required=False,
            ),
            Field(name="code", label="编码", help="大写字母、数字或横线，会印在标签上，以后不能改。", maxlength=32),
            Field(name="name", label="名称", maxlength=64),
            Field(name="address", label="地址", maxlength=200, required=False),
        ),
        submit="新建",
        back=Link("返回", "/admin/places"),
        crumbs=(Link("场所", "/admin/places"), Link("新建场所")),
        draft="place-new",
    )


def _correction_sheet(place: PlaceView) -> FormPage:
    return FormPage(
        title=f"修改 {place.name}",
        action=f"/admin/places/{place.id}/correction",
        fields=(
            Field(name="name", label="名称", value=place.name, maxlength=64),
            Field(name="address", label="地址", value=place.address, maxlength=200, required=False),
        ),
        submit="保存",
        back=Link("返回", f"/admin/places/{place.id}"),
        facts=facts_of(place),
        crumbs=crumbs_of(place, "修改"),
    )
