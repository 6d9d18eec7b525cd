"""导出: units, places and people, what they may do, and who acts for whom."""

from collections.abc import Sequence

from sanic import HTTPResponse, Request

from admin.choices import unit_options
from admin.delegations import STATES as DELEGATION_STATES
from admin.door import door
from admin.handover import KIND_NAMES as HELD_NAMES
from admin.lists import label_among
from admin.people import PersonQuery
from admin.places import PlaceQuery
from admin.role_requests import RequestQuery
from admin.tables import answer_list, export_query, said
from admin.unit_changes import ChangeQuery
from admin.units import KIND_NAMES as UNIT_KINDS
from admin.units import UnitQuery
from server.files.list_files import Exported, Format, ListTable, paged_rows, rows_of
from server.files.tables import Heading, Value
from server.identity.queries import (
    PersonFilter,
    UnitFilter,
    grants_of_person,
    handover_by_id,
    list_delegations,
    list_people,
    list_role_requests,
    list_unit_changes,
    list_units,
    wide_grants,
)
from server.identity.types import (
    DelegationView,
    GrantView,
    HeldItem,
    PersonView,
    RoleRequestView,
    UnitChangeView,
    UnitView,
)
from server.identity.views import CHANGE_STATES, REQUEST_STATES
from server.kernel.paging import PAGE_LIMIT
from server.places.queries import list_places
from server.places.types import KIND_NAMES as PLACE_KINDS
from server.places.types import PlaceFilter, PlaceView
from server.web.sessions import actor_of

UNIT_HEADINGS = (
    Heading("单位编码", width=22),
    Heading("单位", width=30),
    Heading("简称", width=16),
    Heading("性质", width=12),
    Heading("地区", width=12),
    Heading("财政部门", width=10),
    Heading("机关事务管理部门", width=16),
    Heading("状态", width=10),
    Heading("到期日期", "day", 12),
)
PLACE_HEADINGS = (
    Heading("编码", width=16),
    Heading("名称", width=24),
    Heading("全称", width=40),
    Heading("类别", width=10),
    Heading("单位", width=24),
    Heading("地区代码", width=12),
    Heading("地址", width=40),
    Heading("状态", width=10),
)
PERSON_HEADINGS = (
    Heading("姓名", width=10),
    Heading("单位与岗位", width=40),
    Heading("角色", width=40),
    Heading("登录名"),
    Heading("手机"),
    Heading("状态", width=10),
)
REQUEST_HEADINGS = (
    Heading("人员", width=10),
    Heading("单位", width=24),
    Heading("岗位"),
    Heading("角色", width=18),
    Heading("也管下级单位", width=12),
    Heading("理由", width=40),
    Heading("状态", width=10),
    Heading("申请人", width=10),
    Heading("申请时间", "instant", 20),
    Heading("办理人", width=10),
    Heading("办理时间", "instant", 20),
    Heading("说明", width=40),
)
GRANT_HEADINGS = (
    Heading("人员", width=10),
    Heading("单位", width=24),
    Heading("岗位"),
    Heading("角色", width=18),
    Heading("也管下级单位", width=12),
    Heading("授予人", width=10),
    Heading("授予时间", "instant", 20),
    Heading("授予理由", width=40),
    Heading("收回人", width=10),
    Heading("收回时间", "instant", 20),
    Heading("收回理由", width=40),
    Heading("为什么要看", width=40),
)
DELEGATION_HEADINGS = (
    Heading("委托人", width=10),
    Heading("代办人", width=10),
    Heading("角色", width=18),
    Heading("单位", width=24),
    Heading("开始日期", "day", 12),
    Heading("结束日期", "day", 12),
    Heading("原因", width=40),
    Heading("状态", width=10),
)
CHANGE_HEADINGS = (
    Heading("变更", width=10),
    Heading("单位", width=24),
    Heading("相关单位", width=24),
    Heading("批文", width=24),
    Heading("生效日期", "day", 12),
    Heading("理由", width=40),
    Heading("状态", width=10),
    Heading("提出人", width=10),
    Heading("提出时间", "instant", 20),
    Heading("办理人", width=10),
    Heading("办理时间", "instant", 20),
    Heading("转移了什么", width=40),
)
HANDOVER_HEADINGS = (Heading("类别"), Heading("内容", width=60))


class UnitExport(UnitQuery, frozen=True):
    """What the units are narrowed to, and which kind of file."""

    format: Format = "xlsx"


class PlaceExport(PlaceQuery, frozen=True):
    """What the places are narrowed to, and which kind of file."""

    format: Format = "xlsx"


class PersonExport(PersonQuery, frozen=True):
    """What the people are narrowed to, and which kind of file."""

    format: Format = "xlsx"


class RequestExport(RequestQuery, frozen=True):
    """The requests' tab, and which kind of file."""

    format: Format = "xlsx"


class ChangeExport(ChangeQuery, frozen=True):
    """The changes' tab, and which kind of file."""

    format: Format = "xlsx"


@door.get("/units/export", summary="导出单位")
async def export_units(request: Request) -> HTTPResponse:
    """The units of the list, in the order of the tree."""
    actor, query = actor_of(request), export_query(request, UnitExport)
    wanted = UnitFilter(text=query.q, is_ended_shown=query.ended)
    rows = paged_rows(lambda at: list_units(actor, wanted, at, PAGE_LIMIT), _unit_values)
    asked = {"关键词": query.q, "含已撤销": "是" if query.ended else None}
    table = ListTable(kind="units", title="单位", headings=UNIT_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/places/export", summary="导出场所")
async def export_places(request: Request) -> HTTPResponse:
    """The places of the list, in the order of the tree."""
    actor, query = actor_of(request), export_query(request, PlaceExport)
    wanted = PlaceFilter(kind=query.kind, text=query.q, has_closed=query.closed)
    rows = paged_rows(lambda at: list_places(actor, wanted, at, PAGE_LIMIT), _place_values)
    kind = PLACE_KINDS[query.kind] if query.kind else None
    asked = {"关键词": query.q, "类别": kind, "含已停用": "是" if query.closed else None}
    table = ListTable(kind="places", title="场所", headings=PLACE_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/people/export", summary="导出人员")
async def export_people(request: Request) -> HTTPResponse:
    """The people of the list; their phones masked, as they are shown."""
    actor, query = actor_of(request), export_query(request, PersonExport)
    wanted = PersonFilter(text=query.q, unit_id=query.unit_id, is_disabled_shown=query.disabled)
    rows = paged_rows(lambda at: list_people(actor, wanted, at, PAGE_LIMIT), _person_values)
    unit = label_among(await unit_options(actor), query.unit_id)
    asked = {"关键词": query.q, "单位": unit, "含已停用": "是" if query.disabled else None}
    table = ListTable(kind="people", title="人员", headings=PERSON_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/role-requests/export", summary="导出授权申请")
async def export_role_requests(request: Request) -> HTTPResponse:
    """The requests of one tab."""
    actor, query = actor_of(request), export_query(request, RequestExport)
    rows = paged_rows(lambda at: list_role_requests(actor, query.state, at, PAGE_LIMIT), _request_values)
    asked = {"状态": REQUEST_STATES.get(query.state)}
    table = ListTable(kind="role_requests", title="授权申请", headings=REQUEST_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/grants/export", summary="导出权限检查")
async def export_wide_grants(request: Request) -> HTTPResponse:
    """The roles that somebody should look at again."""
    query, grants = export_query(request, Exported), await wide_grants(actor_of(request))
    table = ListTable(kind="wide_grants", title="权限检查", headings=GRANT_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(grants, _grant_values))


@door.get("/people/<person_id>/grants/export", summary="导出权限沿革")
async def export_grants(request: Request, person_id: str) -> HTTPResponse:
    """Every role that somebody has or had."""
    query, grants = export_query(request, Exported), await grants_of_person(actor_of(request), person_id)
    name = grants[0].person_name if grants else person_id
    table = ListTable(kind="grants", title="权限沿革", headings=GRANT_HEADINGS, asked={"人员": name})
    return await answer_list(request, table, query.format, rows_of(grants, _grant_values))


@door.get("/delegations/export", summary="导出代办")
async def export_delegations(request: Request) -> HTTPResponse:
    """Who acts for whom, as it is shown."""
    query, views = export_query(request, Exported), await list_delegations(actor_of(request))
    table = ListTable(kind="delegations", title="代办", headings=DELEGATION_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(views, _delegation_values))


@door.get("/unit-changes/export", summary="导出单位变更")
async def export_unit_changes(request: Request) -> HTTPResponse:
    """The changes of one tab."""
    actor, query = actor_of(request), export_query(request, ChangeExport)
    rows = paged_rows(lambda at: list_unit_changes(actor, query.state, at, PAGE_LIMIT), _change_values)
    asked = {"状态": CHANGE_STATES.get(query.state)}
    table = ListTable(kind="unit_changes", title="单位变更", headings=CHANGE_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/handovers/<handover_id>/export", summary="导出交接清单")
async def export_handover(request: Request, handover_id: str) -> HTTPResponse:
    """What was handed over."""
    query, handover = export_query(request, Exported), await handover_by_id(actor_of(request), handover_id)
    title = f"{handover.from_name}移交{handover.to_name}的清单"
    table = ListTable(kind="handover", title=title, headings=HANDOVER_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(handover.items, _held))


def _yes(is_so: bool) -> str:
    return "是" if is_so else "否"


def _unit_values(unit: UnitView) -> Sequence[Value]:
    return (
        unit.code,
        unit.name,
        unit.short_name,
        UNIT_KINDS.get(unit.kind, unit.kind),
        unit.region_name,
        _yes(unit.is_finance_authority),
        _yes(unit.is_operator),
        "在用" if unit.is_active else "已撤销",
        unit.ends_on,
    )


def _place_values(place: PlaceView) -> Sequence[Value]:
    return (
        place.code,
        place.name,
        place.full_name,
        place.kind_name,
        place.unit_name,
        place.region_code,
        place.address,
        "在用" if place.is_active else "已停用",
    )


def _person_values(person: PersonView) -> Sequence[Value]:
    return (
        person.name,
        "；".join(f"{post.unit_name} {post.title}" for post in person.posts),
        "、".join(dict.fromkeys(role.name for post in person.posts for role in post.roles)),
        person.login_name,
        person.phone_masked,
        "在用" if person.is_active else "已停用",
    )


def _request_values(each: RoleRequestView) -> Sequence[Value]:
    return (
        each.person_name,
        each.unit_name,
        each.post_title,
        each.role_name,
        _yes(each.is_subtree),
        each.reason,
        each.state_name,
        each.requested_by_name or "系统",
        each.requested_at,
        each.decided_by_name,
        each.decided_at,
        each.decision_note,
    )


def _grant_values(each: GrantView) -> Sequence[Value]:
    return (
        each.person_name,
        each.unit_name,
        each.post_title,
        each.role_name,
        _yes(each.is_subtree),
        each.granted_by_name,
        each.granted_at,
        each.reason,
        each.revoked_by_name,
        each.revoked_at,
        each.revoke_reason,
        each.why_wide,
    )


def _delegation_values(view: DelegationView) -> Sequence[Value]:
    return (
        view.from_person_name,
        view.to_person_name,
        view.role_name,
        view.unit_name,
        view.starts_on,
        view.ends_on,
        view.reason,
        DELEGATION_STATES[view.state][0],
    )


def _change_values(change: UnitChangeView) -> Sequence[Value]:
    return (
        change.kind_name,
        change.from_unit_name,
        change.to_unit_name,
        change.document_no,
        change.effective_on,
        change.reason,
        change.state_name,
        change.proposed_by_name,
        change.proposed_at,
        change.decided_by_name,
        change.decided_at,
        "、".join(f"{label} {number}" for label, number in change.moved),
    )


def _held(item: HeldItem) -> Sequence[Value]:
    return (HELD_NAMES.get(item.kind, item.kind), item.label)
