"""配置标准: what a unit may hold, at which price, for how long; every table of every region kept; entering the next."""

from datetime import date

import msgspec
from sanic import HTTPResponse, Request

from admin.calendar import own_region
from admin.choices import region_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import query_of
from admin.texts import typed_or_sent
from server.classification.standards.commands import import_standard
from server.classification.standards.queries import can_import, list_standards, standard_history, standard_view
from server.classification.standards.table import read_standard
from server.classification.standards.types import ImportStandard, StandardItem, StandardVersion, StandardView
from server.identity.queries import region_name
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, Forbidden, InvalidInput
from server.kernel.money import format_yuan
from server.web.downloads import list_links
from server.web.formats import day, exact
from server.web.parts import Badge, Cell, Column, Link, Row, Tone
from server.web.sessions import actor_of

EVIDENCE_TONES: dict[str, Tone] = {"verified": "ok", "secondary": "neutral", "unverified": "warn"}
COLUMNS = (
    Column("资产项目"),
    Column("价格上限（元）", is_number=True),
    Column("单位"),
    Column("最低使用年限", is_number=True),
    Column("数量标准"),
    Column("对应品目"),
    Column("核对情况"),
)
VERSION_COLUMNS = (
    Column("版本"),
    Column("执行日期"),
    Column("状态"),
    Column("依据文件"),
    Column("录入理由"),
    Column("录入人"),
    Column("录入时间"),
)
MOST_FAULTS = 8


class RegionQuery(msgspec.Struct, frozen=True):
    """Which region's tables; those that apply to the reader without."""

    region: str = ""


class StandardForm(msgspec.Struct, frozen=True):
    """A table as it is typed or sent."""

    region_code: str
    effective_on: date
    source: str
    reason: str
    base_version: int
    rows: str = ""


@door.get("/standards", summary="配置标准")
async def show_standards(request: Request) -> HTTPResponse:
    """The tables that apply today where the actor's unit is, or in one region above or below it (`region`)."""
    actor = actor_of(request)
    query = query_of(request, RegionQuery)
    code = await region_shown(actor, query.region)
    history = await standard_history(actor, code)
    current = next((version for version in history if version.is_current), None)
    return await door.draw(
        request,
        "admin/standards.html",
        shown=await standard_view(actor, current.id) if current else None,
        regions=await _regions(actor, code),
        columns=COLUMNS,
        families=families_of(await standard_view(actor, current.id)) if current else (),
        version_columns=VERSION_COLUMNS,
        version_rows=tuple(_version_row(version) for version in history),
        exports=list_links(f"/admin/standards/{current.id}") if current else (),
        version_exports=list_links("/admin/standards", RegionQuery(code)),
        can_import=can_import(actor),
    )


async def region_shown(actor: Actor, asked: str) -> str:
    """The code of the region whose tables are shown: the one asked for, else the one whose table applies to the
    reader, else the reader's own."""
    if asked:
        return asked
    applying = await list_standards(actor)
    return applying[0].version.region_code if applying else own_region(actor)


@door.get("/standards/import", summary="录入配置标准")
async def draw_standard_import(request: Request) -> HTTPResponse:
    """The form for a region's next table."""
    return await draw_form(request, await _sheet(actor_of(request), request.args.get("region") or ""))


@door.post("/standards/import", summary="录入配置标准")
async def add_standard(request: Request) -> HTTPResponse:
    """Add the table; every malformed cell is told by its line."""

    async def act(actor: Actor, form: StandardForm) -> Done:
        wanted = ImportStandard(
            region_code=form.region_code,
            effective_on=form.effective_on,
            source=form.source,
            reason=form.reason,
            rows=read_standard(typed_or_sent(request, "file", form.rows)),
            base_version=form.base_version,
        )
        try:
            version = await import_standard(actor, wanted)
        except InvalidInput as error:
            raise _beside(error) from error
        text = f"已录入 {version.region_name}第 {version.version} 版配置标准，{version.item_count} 项。"
        return Done(f"/admin/standards?region={version.region_code}", text)

    return await answer_form(request, await _sheet(actor_of(request), ""), StandardForm, act)


@door.get("/standards/<standard_id>", summary="配置标准的一版")
async def show_standard_version(request: Request, standard_id: str) -> HTTPResponse:
    """One version whole, whether it applies or not."""
    view = await standard_view(actor_of(request), standard_id)
    title = f"{view.version.region_name}第 {view.version.version} 版"
    return await door.draw(
        request,
        "admin/standard.html",
        shown=view,
        title=title,
        columns=COLUMNS,
        families=families_of(view),
        exports=list_links(f"/admin/standards/{view.version.id}"),
        crumbs=(Link("配置标准", f"/admin/standards?region={view.version.region_code}"), Link(title)),
    )


def families_of(view: StandardView) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """The items family by family: 设备, 家具."""
    names = list(dict.fromkeys(item.family_name for item in view.items))
    return tuple((name, tuple(_row(item) for item in view.items if item.family_name == name)) for name in names)


def _row(item: StandardItem) -> Row:
    kind = f"{item.category_name}（{item.category_code}）" if item.category_code else "未对应，不参与提醒"
    return Row(
        (
            Cell(item.item),
            Cell(format_yuan(item.price_ceiling_fen)),
            Cell(item.measure),
            Cell(f"{item.min_years} 年"),
            Cell(item.quantity_rule or "—"),
            Cell(kind),
            Cell(badge=Badge(item.evidence_name, EVIDENCE_TONES[item.evidence])),
        )
    )


def _version_row(version: StandardVersion) -> Row:
    return Row(
        (
            Cell(f"第 {version.version} 版", f"/admin/standards/{version.id}"),
            Cell(day(version.effective_on)),
            Cell(badge=Badge("现行", "ok")) if version.is_current else Cell(""),
            Cell(version.source),
            Cell(version.reason),
            Cell(version.created_by_name),
            Cell(exact(version.created_at)),
        )
    )


async def _regions(actor: Actor, chosen: str) -> tuple[Link, ...]:
    codes = [code for code in actor.region_path.split("/") if code]
    if chosen and chosen not in codes:
        codes.append(chosen)
    links = [Link(await region_name(code), f"/admin/standards?region={code}", code == chosen) for code in codes]
    return (*links,)


def _beside(error: InvalidInput) -> InvalidInput:
    """The faults of cells, told under the field that the rows were typed into, the first few of them."""
    cells = [fault for fault in error.fields if fault.field.startswith("rows")]
    if not cells:
        return error
    return InvalidInput(error.code, fields=[FieldError("rows", cells[0].code, **cells[0].data)], **error.data)


async def _sheet(actor: Actor, region_code: str) -> FormPage:
    if not can_import(actor):
        raise Forbidden("role.required")
    code = region_code or own_region(actor)
    history = await standard_history(actor, code)
    return FormPage(
        title="录入配置标准",
        lead="录入即成为该地区的下一版；旧版保留，可随时查看。标准只用来提醒，不会拦住任何办理。",
        action="/admin/standards/import",
        is_upload=True,
        hidden={"base_version": str(history[0].version if history else 0)},
        fields=(
            Field(
                name="region_code",
                label="适用地区",
                kind="select",
                options=await region_options(own_region(actor)),
                value=code,
            ),
            Field(name="source", label="依据文件", help="文件名称和文号。", maxlength=128),
            Field(
                name="effective_on", label="执行日期", kind="date", help="文件规定从哪一天起执行，可以是过去的日子。"
            ),
            Field(
                name="file",
                label="表格文件",
                kind="file",
                help="CSV，一行一项；也可以不选文件，在下面粘贴。",
                required=False,
            ),
            Field(
                name="rows",
                label="粘贴表格",
                kind="textarea",
                rows=8,
                help="第一行是列名：类别、资产项目、品目编码、价格上限、计价单位、最低使用年限、数量标准、核对情况，用逗号隔开。",
                required=False,
            ),
            Field(name="reason", label="录入理由", kind="textarea", maxlength=500),
        ),
        submit="录入",
        back=Link("返回", "/admin/standards"),
        crumbs=(Link("配置标准", "/admin/standards"), Link("录入")),
        draft="standard-import",
    )
