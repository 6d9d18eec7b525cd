"""导入: a unit's ledgers on their way to cards: the list, the upload, one import as far as it has come."""

from typing import Any

import msgspec
from sanic import HTTPResponse, Request
from sanic.request import File
from sanic.response import empty, file, html

from admin import messages  # noqa: F401 - its sentences are registered by being imported
from admin.choices import gather, place_options_of, unit_options
from admin.door import door
from admin.form_page import Done, Drawn, Field, FormPage, Nothing, answer_form, draw_form, fresh
from admin.import_words import sheet_words, state_badge, verdict_stats
from admin.lists import Paging, first_href, next_href, query_of
from server.assets.importing.columns import TARGETS
from server.assets.importing.commands import apply_import, begin_import, discard_import, undo_import
from server.assets.importing.error_sheet import error_sheet
from server.assets.importing.queries import import_file, import_view, list_imports, same_before
from server.assets.importing.types import AT_WORK, ImportView, StartImport
from server.assets.states import CONDITION_NAMES
from server.files.store import write_file
from server.files.tables import XLSX
from server.identity.queries import list_units
from server.identity.roles import Role
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput
from server.kernel.paging import PAGE_LIMIT
from server.kernel.reading import present_day
from server.web.downloads import answer_file, attachment, list_links
from server.web.formats import exact
from server.web.pages import render
from server.web.parts import Cell, Column, Fact, Link, Option, Row
from server.web.sessions import actor_of

COLUMNS = (
    Column("台账文件"),
    Column("单位"),
    Column("状态"),
    Column("行数", is_number=True),
    Column("建卡", is_number=True),
    Column("上传人"),
    Column("上传时间", is_nowrap=True),
)
CRUMBS = (Link("台账", "/admin/assets"), Link("导入", "/admin/imports"))
BY_NAME = "by-name"
IMPORTERS = (Role.ASSET_MANAGER, Role.OPERATIONS)


class UploadForm(msgspec.Struct, frozen=True):
    """Whose ledgers they are: a unit's id, or `by-name`; the acting unit's where it is not asked."""

    whose: str = ""


@door.get("/imports", summary="台账导入")
async def show_imports(request: Request) -> HTTPResponse:
    """The unit's imports, newest first."""
    page = await list_imports(actor_of(request), query_of(request, Paging).cursor)
    return await door.draw(
        request,
        "admin/imports.html",
        columns=COLUMNS,
        rows=tuple(_row(view) for view in page.items),
        crumbs=(*CRUMBS[:1], Link("导入")),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/imports"),
    )


@door.get("/imports/new", summary="上传台账")
async def draw_new_import(request: Request) -> HTTPResponse:
    """Choose a file."""
    return await draw_form(request, await _sheet(actor_of(request)))


@door.post("/imports", summary="上传台账", is_upload=True)
async def add_import(request: Request) -> HTTPResponse:
    """Keep the files and begin to read each."""

    async def act(actor: Actor, form: UploadForm) -> Done:
        files = _files(request)
        if not files:
            raise InvalidInput(fields=[FieldError("file", "import.no_file")])
        owners = await _owners(actor, form.whose, [each.name or "" for each in files])
        pairs = zip(files, owners, strict=True)
        begun = [await _begin(actor, place, each, owner) for place, (each, owner) in enumerate(pairs)]
        if len(begun) > 1:
            return Done("/admin/imports", f"已上传 {len(begun)} 个文件，正在逐个读取。")
        return Done(f"/admin/imports/{begun[0]}", "已上传，正在读取。可以离开本页，读完会给您发消息。")

    return await answer_form(request, await _sheet(actor_of(request)), UploadForm, act)


@door.get("/imports/<import_id>", summary="一次导入")
async def show_import(request: Request, import_id: str) -> HTTPResponse:
    """One import: what is to be done now."""
    return await draw_import(request, import_id, fresh(), 200)


@door.get("/imports/<import_id>/progress", summary="导入进度")
async def show_progress(request: Request, import_id: str) -> HTTPResponse:
    """The figure alone, asked for again and again by the page; once the stage is over, the whole page is asked for."""
    view = await import_view(actor_of(request), import_id)
    if view.state not in AT_WORK:
        return empty(status=204, headers={"HX-Redirect": f"/admin/imports/{view.id}"})
    return html(render("admin/_import_progress.html", page=await door.context(request), view=view))


@door.get("/imports/<import_id>/errors", summary="下载未导入的行")
async def download_errors(request: Request, import_id: str) -> HTTPResponse:
    """The faulty rows with their reasons, as a workbook."""
    content = await error_sheet(actor_of(request), import_id)
    return answer_file(f"未导入的行-{present_day()}.xlsx", XLSX, content)


@door.get("/imports/<import_id>/file", summary="下载上传的台账")
async def download_file(request: Request, import_id: str) -> HTTPResponse:
    """The file as it was uploaded."""
    path, name = await import_file(actor_of(request), import_id)
    return await file(path, mime_type="application/octet-stream", headers=attachment(name))


@door.get("/imports/<import_id>/application", summary="导入选中的行")
async def draw_application(request: Request, import_id: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, _apply_sheet(await import_view(actor_of(request), import_id)))


@door.post("/imports/<import_id>/application", summary="导入选中的行")
async def apply(request: Request, import_id: str) -> HTTPResponse:
    """Let the chosen rows become cards."""

    async def act(actor: Actor, form: Nothing) -> Done:
        await apply_import(actor, import_id)
        return Done(f"/admin/imports/{import_id}", "正在导入，要么全部写入，要么一行也不写。")

    return await answer_form(request, _apply_sheet(await import_view(actor_of(request), import_id)), Nothing, act)


@door.get("/imports/<import_id>/undoing", summary="撤销导入")
async def draw_undoing(request: Request, import_id: str) -> HTTPResponse:
    """Say what will go."""
    return await draw_form(request, _undo_sheet(await import_view(actor_of(request), import_id)))


@door.post("/imports/<import_id>/undoing", summary="撤销导入")
async def undo(request: Request, import_id: str) -> HTTPResponse:
    """Take the whole import back."""

    async def act(actor: Actor, form: Nothing) -> Done:
        await undo_import(actor, import_id)
        return Done(f"/admin/imports/{import_id}", "正在撤销。")

    return await answer_form(request, _undo_sheet(await import_view(actor_of(request), import_id)), Nothing, act)


@door.get("/imports/<import_id>/discarding", summary="放弃导入")
async def draw_discarding(request: Request, import_id: str) -> HTTPResponse:
    """Ask once more."""
    return await draw_form(request, _discard_sheet(await import_view(actor_of(request), import_id)))


@door.post("/imports/<import_id>/discarding", summary="放弃导入")
async def discard(request: Request, import_id: str) -> HTTPResponse:
    """Give the import up."""

    async def act(actor: Actor, form: Nothing) -> Done:
        await discard_import(actor, import_id)
        return Done("/admin/imports", "已放弃这次导入，没有写入任何内容。")

    return await answer_form(request, _discard_sheet(await import_view(actor_of(request), import_id)), Nothing, act)


async def draw_import(request: Request, import_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    """The page of one import with its present form as `drawn`."""
    actor = actor_of(request)
    view = await import_view(actor, import_id)
    can_map = view.state in {"mapping", "ready"}
    return await door.draw(
        request,
        "admin/import.html",
        status,
        view=view,
        drawn=drawn,
        badge=state_badge(view),
        facts=_facts(view),
        stats=verdict_stats(view),
        headings=list(enumerate(view.plan.mapping)),
        targets=tuple(Option(field, target.name) for field, target in TARGETS.items()),
        conditions=tuple(Option(value, name) for value, name in CONDITION_NAMES.items()),
        places=await place_options_of(view.unit_id) if can_map else (),
        is_working=view.state in AT_WORK,
        before=await same_before(actor, import_id) if can_map else None,
        crumbs=(*CRUMBS, Link(view.file_name)),
    )


def _files(request: Request) -> list[File]:
    sent: list[Any] = request.files.getlist("file") if request.files else []
    return [each for each in sent if isinstance(each, File) and each.body]


async def _owners(actor: Actor, whose: str, names: list[str]) -> list[str]:
    """The unit of each file: the one that was chosen, or the one whose name stands in the file's, the longest first."""
    if whose != BY_NAME:
        return [whose or actor.unit_id or ""] * len(names)
    units = await gather(lambda cursor: list_units(actor, cursor=cursor, size=PAGE_LIMIT))
    known = sorted(((name, unit.id) for unit in units for name in (unit.name, unit.short_name)), key=_longest)
    owners = [next((unit_id for name, unit_id in known if name in each), "") for each in names]
    if "" in owners:
        unknown = names[owners.index("")]
        raise InvalidInput(fields=[FieldError("whose", "desk.ledger_of_nobody", name=unknown[:60])])
    return owners


def _longest(pair: tuple[str, str]) -> tuple[int, str]:
    return -len(pair[0]), pair[0]


async def _begin(actor: Actor, place: int, each: File, unit_id: str) -> str:
    # Each file has a key of its own, made from the form's, so that a repeat begins it once.
    key = f"{actor.idempotency_key}.{place}"[:64] if actor.idempotency_key else None
    name = (each.name or "").strip()[-128:] or "台账"
    sha256 = await write_file(each.body)
    request = StartImport(file_name=name, sha256=sha256, size=len(each.body), unit_id=unit_id)
    return await begin_import(actor.with_key(key), request)


def _row(view: ImportView) -> Row:
    return Row(
        (
            Cell(view.file_name, f"/admin/imports/{view.id}"),
            Cell(view.unit_name),
            Cell(badge=state_badge(view)),
            Cell(f"{view.row_count:,}" if view.row_count else ""),
            Cell(f"{view.made:,}" if view.made else ""),
            Cell(view.created_by_name),
            Cell(exact(view.created_at)),
        )
    )


def _facts(view: ImportView) -> tuple[Fact, ...]:
    facts = [
        Fact("单位", view.unit_name),
        Fact("台账文件", view.file_name, f"/admin/imports/{view.id}/file"),
        Fact("上传", f"{view.created_by_name}，{exact(view.created_at)}"),
    ]
    if view.row_count:
        facts.append(Fact("读到", f"{view.row_count:,} 行"))
    sheets = [f"{sheet.name or '表'}（{sheet_words(sheet)}）" for sheet in view.plan.sheets]
    if sheets:
        facts.append(Fact("工作表", "、".join(sheets)))
    if view.plan.hidden:
        facts.append(Fact("隐藏的工作表", f"{'、'.join(view.plan.hidden)}（不读）"))
    if view.finished_at is not None:
        facts.append(Fact("导入", f"{view.finished_by_name}，{exact(view.finished_at)}"))
        facts.append(Fact("结果", f"新建 {view.made:,} 张卡，更正 {view.changed:,} 张卡"))
    return tuple(facts)


async def _sheet(actor: Actor) -> FormPage:
    require_role(actor, *IMPORTERS)
    units = await unit_options(actor) if any(grant.is_subtree for grant in actor.grants) else ()
    whose = Field(
        name="whose",
        label="哪个单位的台账",
        kind="select",
        options=(Option(BY_NAME, "按文件名识别（文件名里写有单位名称）"), *units),
        value=actor.unit_id or "",
    )
    return FormPage(
        title="导入台账",
        lead="把单位现有的资产台账变成卡片。先读取、核对，您确认之后才写入。",
        action="/admin/imports",
        fields=(
            *((whose,) if len(units) > 1 else ()),
            Field(
                name="file",
                label="台账文件",
                kind="files",
                help="Excel 工作簿（.xlsx）或 CSV，可一次选几个；合计行、标题行、多个工作表都不必删。",
            ),
        ),
        submit="上传",
        back=Link("返回", "/admin/imports"),
        crumbs=(*CRUMBS, Link("上传")),
        is_upload=True,
    )


def _apply_sheet(view: ImportView) -> FormPage:
    return FormPage(
        title=f"导入 {view.file_name}",
        lead=f"新建 {view.chosen:,} 张卡，更正 {view.changes:,} 张卡。要么全部写入，要么一行也不写。",
        action=f"/admin/imports/{view.id}/application",
        fields=(),
        submit="开始导入",
        back=Link("返回", f"/admin/imports/{view.id}"),
        facts=_facts(view),
        crumbs=(*CRUMBS, Link(view.file_name, f"/admin/imports/{view.id}"), Link("导入")),
    )


def _undo_sheet(view: ImportView) -> FormPage:
    return FormPage(
        title=f"撤销 {view.file_name}",
        lead="这次新建的卡片会整批收回，更正过的卡片改回原样；用过的资产编号不再使用。已有变动的卡片会使整批不能撤销。",
        action=f"/admin/imports/{view.id}/undoing",
        fields=(),
        submit="撤销导入",
        back=Link("返回", f"/admin/imports/{view.id}"),
        facts=_facts(view),
        crumbs=(*CRUMBS, Link(view.file_name, f"/admin/imports/{view.id}"), Link("撤销")),
        is_danger=True,
    )


def _discard_sheet(view: ImportView) -> FormPage:
    return FormPage(
        title=f"放弃 {view.file_name}",
        lead="这次导入还没有写入任何内容，放弃后需重新上传。",
        action=f"/admin/imports/{view.id}/discarding",
        fields=(),
        submit="放弃导入",
        back=Link("返回", f"/admin/imports/{view.id}"),
        facts=_facts(view),
        crumbs=(*CRUMBS, Link(view.file_name, f"/admin/imports/{view.id}"), Link("放弃")),
        is_danger=True,
    )
