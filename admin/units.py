"""单位: the tree of units."""

from datetime import date

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import region_options, unit_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import first_href, next_href, query_of
from server.assets.queries import can_see_holdings
from server.identity.commands import CreateUnit, create_unit
from server.identity.queries import UnitFilter, history_of_unit, list_units, unit_by_id
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.kernel.paging import PAGE_LIMIT
from server.web.downloads import list_links
from server.web.formats import day
from server.web.parts import Fact, Link, Option
from server.web.sessions import actor_of

KIND_NAMES = {
    "organ": "机关",
    "people_organisation": "人民团体",
    "public_institution": "事业单位",
    "temporary_body": "临时机构",
}
SPECIAL = (
    Option("finance", "财政部门"),
    Option("operator", "机关事务管理部门（可设仓库）"),
)


class UnitQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    q: str = ""
    ended: bool = False
    cursor: str | None = None


class UnitForm(msgspec.Struct, frozen=True):
    """A new unit as it is typed."""

    code: str
    name: str
    short_name: str
    kind: str
    region_code: str
    special: str | list[str] = ""
    lead_unit_id: str | None = None
    ends_on: date | None = None


@door.get("/units", summary="单位")
async def show_units(request: Request) -> HTTPResponse:
    """The units within sight, in the order of the tree."""
    actor, query = actor_of(request), query_of(request, UnitQuery)
    wanted = UnitFilter(text=query.q, is_ended_shown=query.ended)
    page = await list_units(actor, wanted, query.cursor, size=PAGE_LIMIT)
    top = min((unit.path.count("/") for unit in page.items), default=0)
    return await door.draw(
        request,
        "admin/units.html",
        query=query,
        units=[(unit, min(unit.path.count("/") - top, 4) if not query.q else 0) for unit in page.items],
        kinds=KIND_NAMES,
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/units", query),
    )


@door.get("/units/<unit_id>", summary="单位详情")
async def show_unit(request: Request, unit_id: str) -> HTTPResponse:
    """One unit, and what stands right below it."""
    actor = actor_of(request)
    unit = await unit_by_id(actor, unit_id)
    below = await list_units(actor, UnitFilter(parent_id=unit.id, is_ended_shown=True), size=PAGE_LIMIT)
    return await door.draw(
        request,
        "admin/unit.html",
        unit=unit,
        facts=facts_of(unit),
        below=below.items,
        history=await history_of_unit(actor, unit.id),
        kinds=KIND_NAMES,
        is_system_admin=actor.has_role(Role.SYSTEM_ADMIN),
        sees_people=actor.has_role(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.ASSET_MANAGER),
        sees_holdings=can_see_holdings(actor),
        crumbs=(Link("单位", "/admin/units"), Link(unit.name)),
    )


@door.get("/units/<parent_id>/units/new", summary="新建下级单位")
async def draw_new_unit(request: Request, parent_id: str) -> HTTPResponse:
    """The form for a unit below this one."""
    return await draw_form(request, await _sheet(actor_of(request), parent_id))


@door.post("/units/<parent_id>/units", summary="新建下级单位")
async def add_unit(request: Request, parent_id: str) -> HTTPResponse:
    """Create the unit and go to its page."""

    async def act(actor: Actor, form: UnitForm) -> Done:
        given = msgspec.structs.asdict(form)
        special = given.pop("special")
        wanted = CreateUnit(
            parent_id=parent_id, is_finance_authority="finance" in special, is_operator="operator" in special, **given
        )
        unit = await create_unit(actor, wanted)
        return Done(
            f"/admin/units/{unit.id}", f"已新建 {unit.name}。", "登记人员", f"/admin/people/new?unit_id={unit.id}"
        )

    return await answer_form(request, await _sheet(actor_of(request), parent_id), UnitForm, act)


def facts_of(unit: UnitView) -> tuple[Fact, ...]:
    """What a unit is."""
    marks = [
        name
        for name, is_on in (("财政部门", unit.is_finance_authority), ("机关事务管理部门", unit.is_operator))
        if is_on
    ]
    facts = [
        Fact("名称", unit.name),
        Fact("简称", unit.short_name),
        Fact("单位编码", unit.code, is_code=True),
        Fact("性质", "，".join([KIND_NAMES.get(unit.kind, unit.kind), *marks])),
        Fact("所在地", f"{unit.region_name}（{unit.region_code}）"),
        Fact("状态", "在用" if unit.is_active else "已撤销"),
    ]
    if unit.ends_on:
        facts.append(Fact("截止日期", day(unit.ends_on)))
    return tuple(facts)


async def _sheet(actor: Actor, parent_id: str) -> FormPage:
    if not actor.has_role(Role.SYSTEM_ADMIN):
        raise Forbidden("role.required")
    parent = await unit_by_id(actor, parent_id)
    return FormPage(
        title=f"在 {parent.name} 下新建单位",
        action=f"/admin/units/{parent_id}/units",
        fields=(
            Field(name="name", label="名称", maxlength=128),
            Field(name="short_name", label="简称", maxlength=32, short=True),
            Field(name="code", label="单位编码", help="会写进资产编号，以后不能改。", maxlength=24, short=True),
            Field(
                name="kind",
                label="性质",
                kind="radio",
                options=tuple(Option(kind, name) for kind, name in KIND_NAMES.items()),
                value="organ",
            ),
            Field(
                name="region_code",
                label="所在地",
                kind="select",
                options=await region_options(parent.region_code),
                value=parent.region_code,
            ),
            Field(name="special", label="职能", kind="checkboxes", options=SPECIAL, required=False),
            Field(
                name="lead_unit_id",
                label="牵头单位",
                kind="select",
                options=await unit_options(actor),
                help="临时机构必填。",
                required=False,
            ),
            Field(name="ends_on", label="截止日期", kind="date", help="临时机构必填。", required=False),
        ),
        submit="新建",
        back=Link("返回", f"/admin/units/{parent_id}"),
        facts=facts_of(parent),
        crumbs=(Link("单位", "/admin/units"), Link(parent.name, f"/admin/units/{parent_id}"), Link("新建下级单位")),
        draft="unit-new",
    )
