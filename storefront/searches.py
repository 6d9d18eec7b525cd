"""Saved searches, and where things are."""

from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.commands import remove_search, save_search
from server.circulation.finding_types import SavedSearchView, SaveSearch
from server.circulation.queries import list_saved_searches, whereabouts
from server.kernel.actor import Actor
from server.kernel.errors import DomainError
from server.web.downloads import list_links
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parsing import build
from server.web.parts import Link, Stat
from server.web.sessions import actor_for_write, actor_of
from storefront import hall_page
from storefront.addresses import asked
from storefront.form_state import FormState
from storefront.hall_page import HallQuery
from storefront.surround import door

_LABELS = {"name": "名称", "notice": "有新的告诉我"}


class SaveForm(msgspec.Struct, frozen=True):
    """What is kept: the hall's address, a name, and whether to tell what is new."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    here: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    notice: Literal["", "1"] = ""


class Nothing(msgspec.Struct, frozen=True):
    """What a form that only confirms sends."""


class Kept(msgspec.Struct, frozen=True):
    """A saved search as it is drawn."""

    id: str
    name: str
    href: str
    words: str
    wants_notice: bool


class MapQuery(msgspec.Struct, frozen=True):
    """Which region, and which unit in it."""

    region: Annotated[str, msgspec.Meta(max_length=20)] = ""
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""


@door.get("/searches", summary="保存的搜索")
async def searches(request: Request) -> HTTPResponse:
    return await _draw(request, FormState.blank(_LABELS))


@door.post("/searches", summary="保存搜索")
async def submit_search(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        body = form.read(SaveForm)
        query = build(hall_page.typed_address(body.here), HallQuery, is_strict=False)
        wanted = SaveSearch(body.name, query.filter(), bool(body.notice))
        saved = await save_search(actor_for_write(request, form.key), wanted)
    except DomainError as error:
        return await _draw(request, FormState.refused(error, form, _LABELS))
    told = "有新的公物符合时，会在消息里告诉您。" if saved.wants_notice else ""
    return redirect_with(request, "/searches", Flash("ok", f"“{saved.name}”已保存。{told}"))


@door.post("/searches/<search_id>/removal", summary="删除保存的搜索")
async def submit_removal(request: Request, search_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    form.read(Nothing)
    await remove_search(actor_for_write(request, form.key), search_id)
    return redirect_with(request, "/searches", Flash("ok", "保存的搜索已删除。"))


@door.get("/map", summary="公物分布")
async def where(request: Request) -> HTTPResponse:
    query = asked(request, MapQuery)
    found = await whereabouts(actor_of(request), query.region, query.unit)
    crumbs = [Link("共享大厅", hall_page.PATH), Link("公物分布", "/map")]
    if found.region_name:
        crumbs.append(Link(found.region_name, "/map?" + urlencode({"region": query.region})))
    if found.unit_name:
        crumbs.append(Link(found.unit_name))
    chosen = {"region": query.region, "unit": query.unit}
    return await door.draw(
        request,
        "storefront/map.html",
        crumbs=crumbs,
        title=found.unit_name or found.region_name or "公物分布",
        total=sum(spot.count for spot in found.spots),
        spots=[
            Stat(spot.name or "未登记", f"{spot.count:,}", "件", href=_below(query, spot.id)) for spot in found.spots
        ],
        exports=list_links("/map", query),
        hall_href=hall_page.address({name: value for name, value in chosen.items() if value}),
    )


def _below(query: MapQuery, spot: str) -> str:
    """One level down; from a place, to the things there."""
    if query.unit:
        return hall_page.address({"region": query.region, "unit": query.unit, "place": spot})
    return "/map?" + urlencode({"region": query.region, "unit": spot} if query.region else {"region": spot})


async def _draw(request: Request, form: FormState) -> HTTPResponse:
    exports, kept = list_links("/searches"), await kept_searches(actor_of(request))
    return await door.draw(request, "storefront/searches.html", form.status, f=form, searches=kept, exports=exports)


async def kept_searches(actor: Actor) -> list[Kept]:
    """The reader's saved searches, each in words."""
    return [_kept(each) for each in await list_saved_searches(actor)]


def _kept(saved: SavedSearchView) -> Kept:
    typed = hall_page.typed_filter(saved.wanted)
    words = "、".join(link.label for link in hall_page.chosen_links(typed, None, (), {}))
    return Kept(saved.id, saved.name, hall_page.address(typed), words, saved.wants_notice)
