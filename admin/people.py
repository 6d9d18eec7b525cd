"""人员: the list, one person with posts and roles, and registering somebody."""

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import unit_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import first_href, next_href, query_of
from server.identity.commands import AddPost, CreatePerson, EndPost, add_post, create_person, end_post
from server.identity.queries import PersonFilter, list_handovers, list_people, person_by_id
from server.identity.roles import Role
from server.identity.types import PersonView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, NotFound
from server.web.downloads import list_links
from server.web.parts import Badge, Cell, Column, Fact, Link, Row
from server.web.sessions import actor_of

COLUMNS = (Column("姓名"), Column("单位与岗位"), Column("角色"), Column("登录名"), Column("手机"), Column("状态"))


class PersonQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    q: str = ""
    unit_id: str | None = None
    disabled: bool = False
    cursor: str | None = None


class PersonForm(msgspec.Struct, frozen=True):
    """A new person as it is typed."""

    name: str
    unit_id: str
    title: str
    login_name: str | None = None
    phone: str | None = None


class PostForm(msgspec.Struct, frozen=True):
    """Another post."""

    unit_id: str
    title: str


class EndForm(msgspec.Struct, frozen=True):
    """Why a post ends."""

    reason: str


@door.get("/people", summary="人员")
async def show_people(request: Request) -> HTTPResponse:
    """The people within scope."""
    actor, query = actor_of(request), query_of(request, PersonQuery)
    wanted = PersonFilter(text=query.q, unit_id=query.unit_id, is_disabled_shown=query.disabled)
    page = await list_people(actor, wanted, query.cursor, size=50)
    return await door.draw(
        request,
        "admin/people.html",
        query=query,
        units=await unit_options(actor),
        columns=COLUMNS,
        rows=tuple(_row(person) for person in page.items),
        can_create=actor.has_role(Role.SYSTEM_ADMIN),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/people", query),
    )


@door.get("/people/new", summary="登记人员")
async def draw_new_person(request: Request) -> HTTPResponse:
    """The form, the unit chosen where one came from its page."""
    return await draw_form(request, await _new_sheet(actor_of(request), request.args.get("unit_id") or ""))


@door.post("/people", summary="登记人员")
async def add_person(request: Request) -> HTTPResponse:
    """Register the person and go to the page from which to invite."""

    async def act(actor: Actor, form: PersonForm) -> Done:
        person = await create_person(actor, CreatePerson(**msgspec.structs.asdict(form)))
        text = f"已登记 {person.name}。可以邀请绑定微信，角色和登录口令由安全管理员办理。"
        return Done(f"/admin/people/{person.id}", text, "邀请绑定微信", f"/admin/people/{person.id}/invitation")

    return await answer_form(request, await _new_sheet(actor_of(request)), PersonForm, act)


@door.get("/people/<person_id>", summary="人员详情")
async def show_person(request: Request, person_id: str) -> HTTPResponse:
    """One person: posts, roles, and what the reader may do."""
    actor = actor_of(request)
    person = await person_by_id(actor, person_id)
    is_other = person.id != actor.person_id
    return await door.draw(
        request,
        "admin/person.html",
        person=person,
        facts=facts_of(person),
        can_post=person.is_active and actor.has_role(Role.SYSTEM_ADMIN),
        can_invite=person.is_active and not person.has_wechat and actor.has_role(Role.SYSTEM_ADMIN, Role.ASSET_MANAGER),
        can_secure=person.is_active and is_other and actor.has_role(Role.SECURITY_ADMIN),
        can_ask=person.is_active and is_other and actor.has_role(Role.SYSTEM_ADMIN, Role.ASSET_MANAGER),
        can_look=is_other and actor.has_role(Role.SECURITY_ADMIN),
        sees_grants=actor.has_role(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN),
        can_hand_over=person.is_active and actor.has_role(Role.SYSTEM_ADMIN, Role.ASSET_MANAGER),
        handovers=await list_handovers(actor, person.id),
        crumbs=(Link("人员", "/admin/people"), Link(person.name)),
    )


@door.get("/people/<person_id>/posts/new", summary="增加岗位")
async def draw_new_post(request: Request, person_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _post_sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/posts", summary="增加岗位")
async def give_post(request: Request, person_id: str) -> HTTPResponse:
    """Give the person another post."""

    async def act(actor: Actor, form: PostForm) -> Done:
        await add_post(actor, AddPost(person_id=person_id, unit_id=form.unit_id, title=form.title))
        return Done(f"/admin/people/{person_id}", "已增加岗位。")

    return await answer_form(request, await _post_sheet(actor_of(request), person_id), PostForm, act)


@door.get("/people/<person_id>/posts/<post_id>/end", summary="结束岗位")
async def draw_post_end(request: Request, person_id: str, post_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _end_sheet(actor_of(request), person_id, post_id))


@door.post("/people/<person_id>/posts/<post_id>/end", summary="结束岗位")
async def take_post(request: Request, person_id: str, post_id: str) -> HTTPResponse:
    """End the post; its roles and sessions end with it."""

    async def act(actor: Actor, form: EndForm) -> Done:
        await end_post(actor, EndPost(post_id=post_id, reason=form.reason))
        return Done(f"/admin/people/{person_id}", "岗位已结束，岗位上的角色一并收回。")

    return await answer_form(request, await _end_sheet(actor_of(request), person_id, post_id), EndForm, act)


def facts_of(person: PersonView) -> tuple[Fact, ...]:
    """Who it is, and how the person logs in."""
    return (
        Fact("姓名", person.name),
        Fact("登录名", person.login_name or "没有，只用微信登录"),
        Fact("手机", person.phone_masked or "未登记"),
        Fact("微信", "已绑定" if person.has_wechat else "未绑定"),
        Fact("动态口令", "已启用" if person.has_second_factor else "未启用"),
        Fact("状态", "在用" if person.is_active else "已停用"),
    )


def crumbs_of(person: PersonView, last: str) -> tuple[Link, ...]:
    """The way back to the list and the person."""
    return (Link("人员", "/admin/people"), Link(person.name, f"/admin/people/{person.id}"), Link(last))


def _row(person: PersonView) -> Row:
    posts = "；".join(f"{post.unit_name} {post.title}" for post in person.posts)
    roles = "、".join(dict.fromkeys(role.name for post in person.posts for role in post.roles))
    state = Badge("在用", "ok") if person.is_active else Badge("已停用", "neutral", "ban")
    return Row(
        (
            Cell(person.name, f"/admin/people/{person.id}"),
            Cell(posts),
            Cell(roles),
            Cell(person.login_name or ""),
            Cell(person.phone_masked or ""),
            Cell(badge=state),
        )
    )


def require_system_admin(actor: Actor) -> None:
    """Draw no form that cannot be sent."""
    if not actor.has_role(Role.SYSTEM_ADMIN):
        raise Forbidden("role.required")


async def _new_sheet(actor: Actor, unit_id: str = "") -> FormPage:
    require_system_admin(actor)
    return FormPage(
        title="登记人员",
        action="/admin/people",
        fields=(
            Field(name="name", label="姓名", maxlength=64),
            Field(name="unit_id", label="单位", kind="select", options=await unit_options(actor), value=unit_id),
            Field(name="title", label="岗位", help="如 办公室科员。", maxlength=64),
            Field(
                name="phone", label="手机", help="加密保存，页面上只显示前三后四位。", inputmode="tel", required=False
            ),
            Field(
                name="login_name",
                label="登录名",
                help="在电脑上登录用；只用微信的可以不填。",
                required=False,
                short=True,
            ),
        ),
        submit="登记",
        back=Link("返回", "/admin/people"),
        crumbs=(Link("人员", "/admin/people"), Link("登记人员")),
        draft="person-new",
    )


async def _post_sheet(actor: Actor, person_id: str) -> FormPage:
    require_system_admin(actor)
    person = await person_by_id(actor, person_id)
    return FormPage(
        title=f"为 {person.name} 增加岗位",
        action=f"/admin/people/{person_id}/posts",
        fields=(
            Field(name="unit_id", label="单位", kind="select", options=await unit_options(actor)),
            Field(name="title", label="岗位", maxlength=64),
        ),
        submit="增加",
        back=Link("返回", f"/admin/people/{person_id}"),
        facts=facts_of(person),
        crumbs=crumbs_of(person, "增加岗位"),
    )


async def _end_sheet(actor: Actor, person_id: str, post_id: str) -> FormPage:
    require_system_admin(actor)
    person = await person_by_id(actor, person_id)
    post = next((post for post in person.posts if post.post_id == post_id), None)
    if post is None:
        raise NotFound("record.not_found")
    return FormPage(
        title=f"结束 {person.name} 的岗位",
        lead=f"{post.unit_name} {post.title}。岗位上的角色和登录立即失效。",
        action=f"/admin/people/{person_id}/posts/{post_id}/end",
        fields=(Field(name="reason", label="理由", kind="textarea", maxlength=200),),
        submit="确认结束",
        back=Link("返回", f"/admin/people/{person_id}"),
        facts=facts_of(person),
        crumbs=crumbs_of(person, "结束岗位"),
        is_danger=True,
    )
