"""审计: who did what to what, found by thing, person, action and day; one thing's whole story; and the chain."""

from datetime import date, datetime
from urllib.parse import quote

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import redirect

from admin.audit_words import actor_name, ids_in, recorded_facts, told_facts
from admin.door import door
from admin.lists import href_with, page_hrefs, query_of
from admin.words import ACTION_NAMES, action_name, area_name, outcome_badge, subject_name
from server.kernel.actor import Actor
from server.kernel.audit.export import public_key
from server.kernel.audit.queries import (
    AuditFilter,
    AuditRow,
    chain_state,
    check_chain,
    event_by_id,
    list_events,
    subject_labels,
    subjects_meant,
)
from server.kernel.audit.subjects import Subject
from server.kernel.errors import NotFound
from server.settings import Settings, load_secrets
from server.web.formats import exact
from server.web.parts import Cell, Column, Event, Fact, Link, Option, Row
from server.web.sessions import actor_of

COLUMNS = (
    Column("时间"),
    Column("办理人"),
    Column("单位"),
    Column("事项"),
    Column("对象"),
    Column("结果"),
    Column("封存号", is_number=True),
)
_SIZE = 50


class AuditQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it. `thing`: what was typed; `subject`: the thing chosen, `kind:id`."""

    thing: str = ""
    person: str = ""
    action: str = ""
    subject: str = ""
    from_day: date | None = None
    to_day: date | None = None
    cursor: str | None = None

    def filter(self) -> AuditFilter:
        """What the audit is asked."""
        return AuditFilter(
            person=self.person,
            action=self.action,
            subject=self.subject,
            from_day=self.from_day,
            to_day=self.to_day,
        )


def action_options() -> tuple[Option, ...]:
    """Every action by what kind of work it is, and each kind as a whole."""
    areas = {action.partition(".")[0] for action in ACTION_NAMES}
    found = [Option(f"{area}.", f"{area_name(area)}（全部）") for area in areas]
    found += [Option(action, f"{area_name(action)}：{name}") for action, name in ACTION_NAMES.items()]
    return tuple(sorted(found, key=lambda option: option.value))


@door.get("/audit", summary="审计记录")
async def show_audit(request: Request) -> HTTPResponse:
    """The newest events, narrowed by person, action, thing and days. A typed thing leads to its own story."""
    actor, query = actor_of(request), query_of(request, AuditQuery)
    meant = await subjects_meant(actor, query.thing)
    if len(meant) == 1:
        return redirect(thing_href(meant[0].kind, meant[0].id), status=303)
    page = await list_events(actor, query.filter(), query.cursor, _SIZE)
    labels = await labels_for(actor, page.items)
    previous, following = page_hrefs(request, page.previous_cursor, page.next_cursor)
    return await door.draw(
        request,
        "admin/audit.html",
        query=query,
        actions=action_options(),
        meant=tuple(_way_to(subject) for subject in meant),
        is_unknown=bool(query.thing) and not meant,
        chosen=_chosen(request, query, labels),
        exported=_exported(query),
        columns=COLUMNS,
        rows=() if query.thing else tuple(_row(event, labels) for event in page.items),
        previous_href=previous,
        next_href=following,
    )


@door.get("/audit/things/<kind>/<subject_id>", summary="一个对象的全部审计记录")
async def show_thing(request: Request, kind: str, subject_id: str) -> HTTPResponse:
    """Everything that was done to one thing and to what belongs to it, newest first, with before and after."""
    actor, query = actor_of(request), query_of(request, AuditQuery)
    subject = f"{kind}:{subject_id}"
    page = await list_events(actor, AuditFilter(subject=subject), query.cursor, _SIZE)
    if not page.items:
        raise NotFound("record.not_found")
    labels = await labels_for(actor, page.items, subject_id)
    previous, following = page_hrefs(request, page.previous_cursor, page.next_cursor)
    return await door.draw(
        request,
        "admin/audit_thing.html",
        kind_name=subject_name(kind),
        label=labels.get(subject_id, subject_id),
        subject=subject,
        events=tuple(_event(event, labels) for event in page.items),
        previous_href=previous,
        next_href=following,
    )


@door.get("/audit/<event_id>", summary="审计记录详情")
async def show_event(request: Request, event_id: str) -> HTTPResponse:
    """One event with everything that was recorded of it."""
    actor = actor_of(request)
    event = await event_by_id(actor, event_id)
    labels = await labels_for(actor, [event])
    return await door.draw(
        request,
        "admin/audit_event.html",
        event=event,
        title=action_name(event.action),
        facts=_facts(event, labels),
        recorded=recorded_facts(event.facts, labels),
    )


@door.get("/audit/chain", summary="审计链核对")
async def show_chain(request: Request) -> HTTPResponse:
    """How far the chain is sealed; the walk over it starts by a button, for it reads every row."""
    return await _draw_chain(request, None)


@door.post("/audit/chain/verification", summary="核对审计链")
async def verify_chain(request: Request) -> HTTPResponse:
    """Walk the chain now, and say what does not fit."""
    settings: Settings = request.app.ctx.settings
    faults = await check_chain(actor_of(request), load_secrets(settings).audit, settings.anchor_file)
    return await _draw_chain(request, faults)


async def labels_for(actor: Actor, events: list[AuditRow], *others: str) -> dict[str, str]:
    """What the things are called that these events speak of."""
    ids = {text for event in events for text in (event.subject_id, *ids_in(event.facts))}
    return await subject_labels(actor, ids | set(others))


def subject_words(event: AuditRow, labels: dict[str, str]) -> str:
    """`资产 A0202-0001 爱普生投影仪`."""
    # A list that was taken out is called as it was then.
    known = str(event.facts.get("title", "")) if event.subject_kind == "list" else ""
    return f"{subject_name(event.subject_kind)} {known or labels.get(event.subject_id, event.subject_id)}"


def thing_href(kind: str, subject_id: str) -> str:
    """The address of a thing's story."""
    return f"/admin/audit/things/{quote(kind, safe='')}/{quote(subject_id, safe='')}"


async def _draw_chain(request: Request, faults: list[str] | None) -> HTTPResponse:
    settings: Settings = request.app.ctx.settings
    state = await chain_state(actor_of(request), settings.anchor_file)
    anchored = exact(datetime.fromisoformat(state.anchored_at)) if state.anchored_at else "尚未另存"
    facts = (
        Fact("已封存", f"{state.sealed:,} 条"),
        Fact("待封存", f"{state.unsealed:,} 条"),
        Fact("链尾校验值", state.hash, is_code=True),
        Fact("最近一次另存", f"{anchored}（{state.anchored:,} 条）" if state.anchored_at else anchored),
        Fact("导出签名公钥", public_key(load_secrets(settings).audit), is_code=True),
    )
    return await door.draw(request, "admin/audit_chain.html", facts=facts, faults=faults)


def _way_to(subject: Subject) -> Link:
    return Link(f"{subject_name(subject.kind)}：{subject.label}", thing_href(subject.kind, subject.id))


def _chosen(request: Request, query: AuditQuery, labels: dict[str, str]) -> tuple[Link, ...]:
    """The thing that the list is about, as a chip that takes it away."""
    if not query.subject:
        return ()
    kind, _, subject_id = query.subject.rpartition(":")
    label = f"{subject_name(kind)} {labels.get(subject_id, subject_id)}".strip()
    return (Link(label, href_with(request, subject=None, cursor=None)),)


def _exported(query: AuditQuery) -> dict[str, str]:
    """What the export's form carries: the same conditions."""
    return {name: str(value) for name, value in msgspec.structs.asdict(query.filter()).items() if value}


def _row(event: AuditRow, labels: dict[str, str]) -> Row:
    return Row(
        (
            Cell(exact(event.at), f"/admin/audit/{event.id}"),
            Cell(actor_name(event.actor_kind, event.actor_name)),
            Cell(event.unit_name),
            Cell(action_name(event.action)),
            Cell(subject_words(event, labels), thing_href(event.subject_kind, event.subject_id)),
            Cell(badge=outcome_badge(event.outcome)),
            Cell(f"{event.sequence:,}" if event.sequence else "待封存"),
        )
    )


def _event(event: AuditRow, labels: dict[str, str]) -> Event:
    who = actor_name(event.actor_kind, event.actor_name)
    refused = "（已拒绝）" if event.outcome != "done" else ""
    return Event(
        what=f"{action_name(event.action)}{refused}",
        at=event.at,
        who=f"{who}（{event.unit_name}）" if event.unit_name else who,
        detail=told_facts(event.facts, labels),
        href=f"/admin/audit/{event.id}",
    )


def _facts(event: AuditRow, labels: dict[str, str]) -> tuple[Fact, ...]:
    return (
        Fact("时间", exact(event.at)),
        Fact("办理人", actor_name(event.actor_kind, event.actor_name)),
        Fact("单位", event.unit_name or "—"),
        Fact("事项", action_name(event.action)),
        Fact("事项代码", event.action, is_code=True),
        Fact("对象", subject_words(event, labels), thing_href(event.subject_kind, event.subject_id)),
        Fact("对象内部编号", event.subject_id, is_code=True),
        Fact("结果", outcome_badge(event.outcome).label),
        Fact("请求编号", event.request_id, is_code=True),
        Fact("封存号", f"{event.sequence:,}" if event.sequence else "待封存（一般一秒内完成）"),
        Fact("校验值", event.hash or "—", is_code=event.hash is not None),
    )
