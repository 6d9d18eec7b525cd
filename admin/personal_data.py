"""个人信息: what is held about a person, a name or phone corrected, and what goes when somebody has left."""

from typing import Literal

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.people import crumbs_of, facts_of
from server.identity.commands import (
    CorrectPerson,
    ErasePerson,
    LookUp,
    PersonalData,
    correct_person,
    erase_person,
    read_personal_data,
)
from server.identity.queries import person_by_id
from server.identity.roles import Role
from server.identity.types import PersonView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.web.parts import Cell, Column, Link, Option, Row
from server.web.personal_data import copy_of
from server.web.sessions import actor_of

COLUMNS = (Column("信息"), Column("内容"), Column("目的与依据"), Column("能否删除"))
EXTENTS = (
    Option("contact", "只删联系方式、登录信息和消息，姓名留在记录里"),
    Option("whole", "连同姓名一并注销（没有须留存的记录时才可以）"),
)


class LookForm(msgspec.Struct, frozen=True):
    """Why somebody's information is looked at, and whether a copy is wanted."""

    reason: str
    form: Literal["page", "copy"] = "page"


class CorrectionForm(msgspec.Struct, frozen=True):
    """A name and phone as they are typed; an empty phone stays as it is."""

    name: str
    reason: str
    phone: str | None = None
    has_no_phone: bool = False


class ErasureForm(msgspec.Struct, frozen=True):
    """How much goes, and why."""

    extent: Literal["contact", "whole"]
    reason: str


@door.get("/people/<person_id>/personal-data", summary="查看个人信息")
async def draw_personal_data(request: Request, person_id: str) -> HTTPResponse:
    """The form that asks why."""
    return await draw_form(request, await _look_sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/personal-data", summary="查看个人信息")
async def look_up_personal_data(request: Request, person_id: str) -> HTTPResponse:
    """Everything held about the person, on a page or as a file; the look is recorded."""

    async def act(actor: Actor, form: LookForm) -> HTTPResponse:
        data = await read_personal_data(actor.with_key(None), LookUp(person_id, form.reason))
        return _download(data) if form.form == "copy" else await _draw(request, data)

    return await answer_form(request, await _look_sheet(actor_of(request), person_id), LookForm, act)


@door.get("/people/<person_id>/correction", summary="更正人员信息")
async def draw_person_correction(request: Request, person_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _correction_sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/correction", summary="更正人员信息")
async def correct_person_facts(request: Request, person_id: str) -> HTTPResponse:
    """Correct and go back to the person."""

    async def act(actor: Actor, form: CorrectionForm) -> Done:
        person = await correct_person(actor, CorrectPerson(person_id=person_id, **msgspec.structs.asdict(form)))
        return Done(f"/admin/people/{person_id}", f"已更正 {person.name} 的信息。")

    sheet = await _correction_sheet(actor_of(request), person_id)
    return await answer_form(request, sheet, CorrectionForm, act)


@door.get("/people/<person_id>/erasure", summary="删除个人信息")
async def draw_person_erasure(request: Request, person_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _erasure_sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/erasure", summary="删除个人信息")
async def erase_personal_data(request: Request, person_id: str) -> HTTPResponse:
    """Erase what may go."""

    async def act(actor: Actor, form: ErasureForm) -> Done:
        wanted = ErasePerson(person_id=person_id, reason=form.reason, is_whole=form.extent == "whole")
        done = await erase_person(actor, wanted)
        kept = f"依法留存的 {len(done.kept)} 类记录没有动。" if done.kept else "没有须留存的记录。"
        return Done(f"/admin/people/{person_id}", f"已删除联系方式和登录信息。{kept}")

    return await answer_form(request, await _erasure_sheet(actor_of(request), person_id), ErasureForm, act)


async def _draw(request: Request, data: PersonalData) -> HTTPResponse:
    rows = tuple(
        Row((Cell(each.label), Cell(each.content), Cell(each.basis), Cell("依法留存" if each.is_kept else "可以删除")))
        for each in data.records
    )
    crumbs = (
        Link("人员", "/admin/people"),
        Link(data.name, f"/admin/people/{data.person_id}"),
        Link("个人信息"),
    )
    return await door.draw(request, "admin/personal_data.html", data=data, columns=COLUMNS, rows=rows, crumbs=crumbs)


def _download(data: PersonalData) -> HTTPResponse:
    headers = {"Content-Disposition": 'attachment; filename="personal-data.json"', "Cache-Control": "private, no-store"}
    return raw(copy_of(data), content_type="application/json", headers=headers)


async def _person(actor: Actor, person_id: str, role: Role) -> PersonView:
    if not actor.has_role(role):
        raise Forbidden("role.required")
    return await person_by_id(actor, person_id)


async def _look_sheet(actor: Actor, person_id: str) -> FormPage:
    person = await _person(actor, person_id, Role.SECURITY_ADMIN)
    return FormPage(
        title=f"查看个人信息：{person.name}",
        lead="各业务中关于此人的全部信息。每次查看都写入审计，本人可以要求说明。",
        action=f"/admin/people/{person_id}/personal-data",
        fields=(
            Field(name="reason", label="查看理由", kind="textarea", maxlength=200, rows=2),
            Field(
                name="form",
                label="怎样给出",
                kind="radio",
                options=(Option("page", "在网页上看"), Option("copy", "下载副本，交给本人")),
                value="page",
            ),
        ),
        submit="查看",
        back=Link("返回", f"/admin/people/{person_id}"),
        facts=facts_of(person),
        crumbs=crumbs_of(person, "个人信息"),
    )


async def _correction_sheet(actor: Actor, person_id: str) -> FormPage:
    person = await _person(actor, person_id, Role.SYSTEM_ADMIN)
    return FormPage(
        title=f"更正信息：{person.name}",
        lead="已办结的单据和审计保留当时的姓名。",
        action=f"/admin/people/{person_id}/correction",
        fields=(
            Field(name="name", label="姓名", value=person.name, maxlength=64, short=True),
            Field(
                name="phone",
                label="新手机号",
                help=f"现在是 {person.phone_masked or '未登记'}；不改就不填。",
                required=False,
                inputmode="tel",
                short=True,
            ),
            Field(name="has_no_phone", label="不再登记手机号", kind="checkbox"),
            Field(name="reason", label="原因", kind="textarea", maxlength=200, rows=2),
        ),
        submit="更正",
        back=Link("返回", f"/admin/people/{person_id}"),
        facts=facts_of(person),
        crumbs=crumbs_of(person, "更正信息"),
    )


async def _erasure_sheet(actor: Actor, person_id: str) -> FormPage:
    person = await _person(actor, person_id, Role.SECURITY_ADMIN)
    return FormPage(
        title=f"删除个人信息：{person.name}",
        lead="只对已停用的人员办理。资产、借用、审批、交接和审计记录依法留存，其中的姓名随记录保留。",
        action=f"/admin/people/{person_id}/erasure",
        fields=(
            Field(name="extent", label="删到什么程度", kind="radio", options=EXTENTS, value="contact"),
            Field(name="reason", label="原因", kind="textarea", maxlength=200, rows=2),
        ),
        submit="删除",
        is_danger=True,
        back=Link("返回", f"/admin/people/{person_id}"),
        facts=facts_of(person),
        crumbs=crumbs_of(person, "删除个人信息"),
    )
