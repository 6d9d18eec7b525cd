"""同义词: the list that the search reads words by, its versions, and changing it."""

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.kernel.reading import reading
from server.search.commands import change_synonyms, may_change_synonyms
from server.search.queries import current_synonyms, list_synonym_versions
from server.search.thesaurus import read_groups
from server.search.types import ChangeSynonyms, SynonymsView
from server.web.downloads import list_links
from server.web.formats import when
from server.web.parts import Cell, Column, Link, Row
from server.web.sessions import actor_of

COLUMNS = (Column("版本", is_number=True), Column("改动原因"), Column("改动人"), Column("时间", is_nowrap=True))


class ChangeForm(msgspec.Struct, frozen=True):
    """The list as it is typed, why it changes, and the version it was made from."""

    words: str
    reason: str
    based_on: int


@door.get("/synonyms", summary="同义词")
async def show_synonyms(request: Request) -> HTTPResponse:
    """The groups in force, and the versions before."""
    async with reading() as db:
        current, versions = await current_synonyms(db), await list_synonym_versions(db)
    rows = (
        Row((Cell(str(each.version)), Cell(each.reason), Cell(each.created_by_name), Cell(when(each.created_at))))
        for each in versions
    )
    return await door.draw(
        request,
        "admin/synonyms.html",
        current=current,
        groups=read_groups(current.words),
        columns=COLUMNS,
        rows=tuple(rows),
        exports=list_links("/admin/synonyms"),
        version_exports=list_links("/admin/synonyms/versions"),
        can_change=may_change_synonyms(actor_of(request)),
    )


@door.get("/synonyms/change", summary="修改同义词")
async def draw_synonyms_change(request: Request) -> HTTPResponse:
    """The form with the list in force."""
    return await draw_form(request, await _sheet(actor_of(request)))


@door.post("/synonyms/change", summary="修改同义词")
async def take_synonyms(request: Request) -> HTTPResponse:
    """Put another list in force."""

    async def act(actor: Actor, form: ChangeForm) -> Done:
        made = await change_synonyms(actor, ChangeSynonyms(form.words, form.reason, form.based_on))
        return Done("/admin/synonyms", f"同义词表已更新为第 {made.version} 版，搜索马上按新表查找。")

    return await answer_form(request, await _sheet(actor_of(request)), ChangeForm, act)


async def _sheet(actor: Actor) -> FormPage:
    if not may_change_synonyms(actor):
        raise Forbidden("role.required")
    async with reading() as db:
        current: SynonymsView = await current_synonyms(db)
    return FormPage(
        title="修改同义词",
        lead="全体人员的搜索都按这张表；旧的版本会留着。",
        action="/admin/synonyms/change",
        fields=(
            Field(
                name="words",
                label="同义词",
                kind="textarea",
                rows=20,
                value=current.words,
                help="一行一组，词之间用“=”隔开，如 投影仪 = 投影机；“#”后面是说明。",
            ),
            Field(name="reason", label="改动原因", maxlength=200),
        ),
        hidden={"based_on": str(current.version)},
        submit="保存为新版本",
        back=Link("返回", "/admin/synonyms"),
        crumbs=(Link("同义词", "/admin/synonyms"), Link("修改")),
        draft="synonyms",
    )
