"""Who keeps a warehouse, and closing a place."""

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import keeper_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, Nothing, answer_form, draw_form
from admin.places import crumbs_of, facts_of, managed_place
from server.kernel.actor import Actor
from server.places.commands import assign_keeper, close_place, end_keeper
from server.places.queries import list_keepers
from server.places.types import AssignKeeper, EndKeeper
from server.web.parts import Fact, Link
from server.web.sessions import actor_of


class KeeperForm(msgspec.Struct, frozen=True):
    """Who is to keep it."""

    person_id: str


@door.get("/places/<place_id>/keepers/new", summary="指定仓管员")
async def draw_new_keeper(request: Request, place_id: str) -> HTTPResponse:
    """Choose among those who hold the role."""
    return await draw_form(request, await _keeper_sheet(actor_of(request), place_id))


@door.post("/places/<place_id>/keepers", summary="指定仓管员")
async def add_keeper(request: Request, place_id: str) -> HTTPResponse:
    """Assign the keeper."""

    async def act(actor: Actor, form: KeeperForm) -> Done:
        await assign_keeper(actor, AssignKeeper(place_id=place_id, person_id=form.person_id))
        return Done(f"/admin/places/{place_id}", "已指定仓管员，对方现在就能在仓管台发放和收回。")

    return await answer_form(request, await _keeper_sheet(actor_of(request), place_id), KeeperForm, act)


@door.get("/places/<place_id>/keepers/<person_id>/end", summary="解除仓管员")
async def draw_keeper_end(request: Request, place_id: str, person_id: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, await _end_sheet(actor_of(request), place_id, person_id))


@door.post("/places/<place_id>/keepers/<person_id>/end", summary="解除仓管员")
async def remove_keeper(request: Request, place_id: str, person_id: str) -> HTTPResponse:
    """End the assignment."""

    async def act(actor: Actor, form: Nothing) -> Done:
        await end_keeper(actor, EndKeeper(place_id=place_id, person_id=person_id))
        return Done(f"/admin/places/{place_id}", "已解除。")

    return await answer_form(request, await _end_sheet(actor_of(request), place_id, person_id), Nothing, act)


@door.get("/places/<place_id>/closing", summary="停用场所")
async def draw_closing(request: Request, place_id: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, await _closing_sheet(actor_of(request), place_id))


@door.post("/places/<place_id>/closing", summary="停用场所")
async def shut_place(request: Request, place_id: str) -> HTTPResponse:
    """Close an empty place."""

    async def act(actor: Actor, form: Nothing) -> Done:
        place = await close_place(actor, place_id)
        return Done("/admin/places", f"已停用 {place.full_name}。")

    return await answer_form(request, await _closing_sheet(actor_of(request), place_id), Nothing, act)


async def _keeper_sheet(actor: Actor, place_id: str) -> FormPage:
    place = await managed_place(actor, place_id)
    options = await keeper_options(actor, place.unit_id)
    field = Field(
        name="person_id",
        label="仓管员",
        kind="select",
        options=options,
        help="列出在仓库所属单位持有仓管员角色的人；没有想要的人时，请先由安全管理员授予角色。",
    )
    return FormPage(
        title=f"为 {place.name} 指定仓管员",
        action=f"/admin/places/{place_id}/keepers",
        fields=(field,),
        submit="指定",
        back=Link("返回", f"/admin/places/{place_id}"),
        facts=facts_of(place),
        crumbs=crumbs_of(place, "指定仓管员"),
    )


async def _end_sheet(actor: Actor, place_id: str, person_id: str) -> FormPage:
    place = await managed_place(actor, place_id)
    names = {keeper.person_id: keeper.person_name for keeper in await list_keepers(actor, place_id)}
    name = names.get(person_id, "")
    return FormPage(
        title=f"解除 {name} 的仓管职责" if name else "解除仓管职责",
        lead="解除后对方立即不能在这个仓库发放、收回和验收。",
        action=f"/admin/places/{place_id}/keepers/{person_id}/end",
        fields=(),
        submit="确认解除",
        back=Link("返回", f"/admin/places/{place_id}"),
        facts=(Fact("仓管员", name or "—"), *facts_of(place)),
        crumbs=crumbs_of(place, "解除仓管员"),
        is_danger=True,
    )


async def _closing_sheet(actor: Actor, place_id: str) -> FormPage:
    place = await managed_place(actor, place_id)
    return FormPage(
        title=f"停用 {place.name}",
        lead="只有里面没有物品、也没有在用的下级地点时才能停用；停用后不再出现在选择里。",
        action=f"/admin/places/{place_id}/closing",
        fields=(),
        submit="确认停用",
        back=Link("返回", f"/admin/places/{place_id}"),
        facts=facts_of(place),
        crumbs=crumbs_of(place, "停用"),
        is_danger=True,
    )
