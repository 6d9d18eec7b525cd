"""单位: a new name, corrected facts, the end."""

from datetime import date
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import region_options, unit_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.units import KIND_NAMES, SPECIAL, facts_of
from server.identity.commands import CloseUnit, CorrectUnit, RenameUnit, close_unit, correct_unit, rename_unit
from server.identity.queries import unit_by_id
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.kernel.reading import present_day
from server.web.parts import Link, Option
from server.web.sessions import actor_of


class RenamingForm(msgspec.Struct, frozen=True):
    """A new name as it is typed."""

    name: str
    short_name: str
    document_no: str
    effective_on: date
    reason: str


class CorrectionForm(msgspec.Struct, frozen=True):
    """A unit's facts as they are typed."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    kind: str
    region_code: str
    reason: str
    special: str | list[str] = ""
    lead_unit_id: str | None = None
    ends_on: date | None = None


class ClosingForm(msgspec.Struct, frozen=True):
    """By which paper, from when, why."""

    document_no: str
    effective_on: date
    reason: str


@door.get("/units/<unit_id>/renaming", summary="单位更名")
async def draw_renaming(request: Request, unit_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, _renaming_sheet(await _unit(actor_of(request), unit_id)))


@door.post("/units/<unit_id>/renaming", summary="单位更名")
async def rename(request: Request, unit_id: str) -> HTTPResponse:
    """Give the new name and go back to the unit."""

    async def act(actor: Actor, form: RenamingForm) -> Done:
        unit = await rename_unit(actor, RenameUnit(unit_id=unit_id, **msgspec.structs.asdict(form)))
        return Done(f"/admin/units/{unit_id}", f"已更名为 {unit.name}。办结的单据仍保留原名称。")

    return await answer_form(request, _renaming_sheet(await _unit(actor_of(request), unit_id)), RenamingForm, act)


@door.get("/units/<unit_id>/correction", summary="更正单位信息")
async def draw_unit_correction(request: Request, unit_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _correction_sheet(actor_of(request), unit_id))


@door.post("/units/<unit_id>/correction", summary="更正单位信息")
async def correct(request: Request, unit_id: str) -> HTTPResponse:
    """Correct and go back to the unit."""

    async def act(actor: Actor, form: CorrectionForm) -> Done:
        given = msgspec.structs.asdict(form)
        special = given.pop("special")
        given |= {"is_finance_authority": "finance" in special, "is_operator": "operator" in special}
        await correct_unit(actor, CorrectUnit(unit_id=unit_id, **given))
        return Done(f"/admin/units/{unit_id}", "已更正。")

    sheet = await _correction_sheet(actor_of(request), unit_id)
    return await answer_form(request, sheet, CorrectionForm, act)


@door.get("/units/<unit_id>/closing", summary="撤销单位")
async def draw_unit_closing(request: Request, unit_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, _closing_sheet(await _unit(actor_of(request), unit_id)))


@door.post("/units/<unit_id>/closing", summary="撤销单位")
async def close(request: Request, unit_id: str) -> HTTPResponse:
    """End the unit, if nothing is left of it."""

    async def act(actor: Actor, form: ClosingForm) -> Done:
        unit = await close_unit(actor, CloseUnit(unit_id=unit_id, **msgspec.structs.asdict(form)))
        return Done(f"/admin/units/{unit_id}", f"{unit.name} 已撤销，历史仍可查询。")

    return await answer_form(request, _closing_sheet(await _unit(actor_of(request), unit_id)), ClosingForm, act)


def document_fields(label: str = "批文文号") -> tuple[Field, ...]:
    """By which paper, from when, why: what every change of a unit says."""
    return (
        Field(name="document_no", label=label, help="如 临委编〔2026〕18号。", maxlength=64),
        Field(name="effective_on", label="生效日期", kind="date", value=present_day().isoformat()),
        Field(name="reason", label="原因", kind="textarea", maxlength=200, rows=2),
    )


def unit_crumbs(unit: UnitView, last: str) -> tuple[Link, ...]:
    """The way back to the list and the unit."""
    return (Link("单位", "/admin/units"), Link(unit.name, f"/admin/units/{unit.id}"), Link(last))


async def _unit(actor: Actor, unit_id: str) -> UnitView:
    # Draw no form that cannot be sent.
    if not actor.has_role(Role.SYSTEM_ADMIN):
        raise Forbidden("role.required")
    return await unit_by_id(actor, unit_id)


def _renaming_sheet(unit: UnitView) -> FormPage:
    return FormPage(
        title=f"更名：{unit.name}",
        lead="在办的申请、借用和上架信息改用新名称；已办结的单据和签过字的清单保留原名称。",
        action=f"/admin/units/{unit.id}/renaming",
        fields=(
            Field(name="name", label="新名称", value=unit.name, maxlength=128),
            Field(name="short_name", label="新简称", value=unit.short_name, maxlength=32, short=True),
            *document_fields(),
        ),
        submit="更名",
        back=Link("返回", f"/admin/units/{unit.id}"),
        facts=facts_of(unit),
        crumbs=unit_crumbs(unit, "更名"),
    )


async def _correction_sheet(actor: Actor, unit_id: str) -> FormPage:
    unit = await _unit(actor, unit_id)
    special = (("finance", unit.is_finance_authority), ("operator", unit.is_operator))
    return FormPage(
        title=f"更正信息：{unit.name}",
        lead="更名、合并、划转另行办理；单位编码写在资产编号里，不能改。",
        action=f"/admin/units/{unit_id}/correction",
        fields=(
            Field(
                name="kind",
                label="性质",
                kind="radio",
                options=tuple(Option(kind, name) for kind, name in KIND_NAMES.items()),
                value=unit.kind,
            ),
            Field(
                name="region_code",
                label="所在地",
                kind="select",
                options=await region_options(_region_above(unit.region_code)),
                value=unit.region_code,
            ),
            Field(
                name="special",
                label="职能",
                kind="checkboxes",
                options=SPECIAL,
                value=tuple(name for name, is_on in special if is_on),
                required=False,
            ),
            Field(
                name="lead_unit_id",
                label="牵头单位",
                kind="select",
                options=await unit_options(actor),
                value=unit.lead_unit_id or "",
                help="临时机构必填。",
                required=False,
            ),
            Field(
                name="ends_on",
                label="截止日期",
                kind="date",
                value=unit.ends_on.isoformat() if unit.ends_on else "",
                help="临时机构必填。",
                required=False,
            ),
            Field(name="reason", label="原因", kind="textarea", maxlength=200, rows=2),
        ),
        hidden={"version": str(unit.version)},
        submit="更正",
        back=Link("返回", f"/admin/units/{unit_id}"),
        facts=facts_of(unit),
        crumbs=unit_crumbs(unit, "更正信息"),
    )


def _region_above(code: str) -> str:
    """The city of a district's code, so that a neighbouring district can be chosen; GB/T 2260 codes end in zeros."""
    return f"{code[:4]}00" if len(code) == 6 else code


def _closing_sheet(unit: UnitView) -> FormPage:
    return FormPage(
        title=f"撤销：{unit.name}",
        lead="只有人员、资产、场所、借用和待办都已清空的单位才能撤销；还有的，请先办理合并、分立或交接。",
        action=f"/admin/units/{unit.id}/closing",
        fields=document_fields(),
        submit="撤销",
        is_danger=True,
        back=Link("返回", f"/admin/units/{unit.id}"),
        facts=facts_of(unit),
        crumbs=unit_crumbs(unit, "撤销"),
    )
