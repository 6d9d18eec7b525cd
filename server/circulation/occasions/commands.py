"""Creating, prolonging and closing events, and reminding of the end of events and temporary bodies."""

from datetime import date, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from server.assets.access import require_colleague
from server.circulation.access import require_system
from server.circulation.checks import LONGEST_REASON, fault
from server.circulation.occasions.access import LEADERS, get_occasion_for_leading
from server.circulation.occasions.models import Occasion, OccasionReminder, OccasionStep
from server.circulation.occasions.queries import read_occasion, recall_list
from server.circulation.occasions.types import CloseOccasion, CreateOccasion, OccasionView, ProlongOccasion, RecallItem
from server.identity.ops import unit_facts
from server.identity.queries import names_of, people_with_role
from server.identity.roles import Role
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import InvalidInput, StateConflict
from server.kernel.ids import new_id
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify
from server.policies.queries import borrowing_policy, policy_for

_LONGEST_NAME = 100
# Of what is still out, so many are called by name in a refusal; the list itself shows all.
_NAMED = 5


@command("occasion.create")
async def create_occasion(uow: UnitOfWork, actor: Actor, request: CreateOccasion) -> OccasionView:
    """Record an event that the actor's unit leads, so that people can borrow for it until its last day.

    For the unit's asset manager. Raises InvalidInput; Forbidden `role.required`.
    """
    require_role(actor, *LEADERS)
    assert actor.unit_id is not None
    unit = await unit_facts(uow, actor.unit_id)
    name = await _checked(uow, request, unit.region_path)
    names = await names_of(uow, [request.responsible_id])
    occasion = Occasion(
        id=new_id(),
        name=name,
        lead_unit_id=unit.id,
        lead_unit_name=unit.name,
        lead_unit_path=unit.path,
        responsible_id=request.responsible_id,
        responsible_name=names[request.responsible_id],
        starts_on=request.starts_on,
        ends_on=request.ends_on,
        state="open",
        created_at=await uow.now(),
    )
    await uow.add(occasion)
    await add_step(uow, occasion.id, "created", f"到 {request.ends_on.isoformat()} 为止")
    await uow.record(
        "occasion.create", "occasion", occasion.id, name=name, person_id=occasion.responsible_id, **_until(occasion)
    )
    return await read_occasion(uow, actor, occasion.id)


@command("occasion.prolong")
async def prolong_occasion(uow: UnitOfWork, actor: Actor, request: ProlongOccasion) -> OccasionView:
    """Move an event's last day, so that its loans can be renewed until then. No loan gets longer by itself.

    For the lead unit's asset manager. Raises InvalidInput (`occasion.not_later`, `occasion.ends_in_past`,
    `occasion.too_long`); Forbidden `role.required`; NotFound `occasion.not_found`; StateConflict `occasion.closed`.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=LONGEST_REASON)
    checks.finish()
    occasion = await get_occasion_for_leading(uow, actor, request.occasion_id)
    if request.ends_on <= occasion.ends_on:
        raise fault("ends_on", "occasion.not_later", ends_on=occasion.ends_on.isoformat())
    unit = await unit_facts(uow, occasion.lead_unit_id)
    await _check_days(uow, occasion.starts_on, request.ends_on, unit.region_path)
    before = occasion.ends_on.isoformat()
    await _change(uow, occasion, ends_on=request.ends_on)
    await add_step(uow, occasion.id, "prolonged", f"{before} 延到 {request.ends_on.isoformat()}：{reason}")
    await uow.record("occasion.prolong", "occasion", occasion.id, name=occasion.name, reason=reason, **_until(occasion))
    return await read_occasion(uow, actor, occasion.id)


@command("occasion.close")
async def close_occasion(uow: UnitOfWork, actor: Actor, request: CloseOccasion) -> OccasionView:
    """End an event of which everything is back, paid or written off: nothing disappears with it (rules: Asset life).

    For the lead unit's asset manager. Raises InvalidInput; Forbidden `role.required`; NotFound `occasion.not_found`;
    StateConflict `occasion.closed`, `occasion.unresolved` (with `number` and `what`).
    """
    checks = Checks()
    note = checks.text("note", request.note, longest=LONGEST_REASON)
    checks.finish()
    occasion = await get_occasion_for_leading(uow, actor, request.occasion_id)
    require_resolved(occasion.name, await recall_list(uow, "event", occasion.id))
    await _change(uow, occasion, state="closed", closed_at=await uow.now())
    await add_step(uow, occasion.id, "closed", note)
    await uow.record("occasion.close", "occasion", occasion.id, name=occasion.name, note=note)
    return await read_occasion(uow, actor, occasion.id)


def require_resolved(name: str, items: list[RecallItem]) -> None:
    """Raise StateConflict `occasion.unresolved` with how many things are open and which, unless none is."""
    left = [item for item in items if not item.is_resolved]
    if left:
        what = "、".join(f"{item.asset_name} {item.asset_code}（{item.state_name}）" for item in left[:_NAMED])
        more = "等" if len(left) > _NAMED else ""
        raise StateConflict("occasion.unresolved", name=name, number=len(left), what=what + more)


async def add_step(uow: UnitOfWork, occasion_id: str, kind: str, note: str) -> None:
    """One step of an event's history, by whoever acts."""
    await uow.add(
        OccasionStep(
            occasion_id=occasion_id,
            kind=kind,
            at=await uow.now(),
            actor_id=uow.actor.person_id,
            actor_name=uow.actor.person_name,
            note=note,
        )
    )


async def _change(uow: UnitOfWork, occasion: Occasion, **changes: Any) -> None:
    await uow.change_one(
        Occasion,
        {"id": occasion.id, "state": "open", "version": occasion.version},
        otherwise=StateConflict("record.changed"),
        version=occasion.version + 1,
        **changes,
    )
    occasion.update_from_dict({**changes, "version": occasion.version + 1})


def _until(occasion: Occasion) -> dict[str, str]:
    return {"starts_on": occasion.starts_on.isoformat(), "ends_on": occasion.ends_on.isoformat()}


async def _checked(uow: UnitOfWork, request: CreateOccasion, region_path: str) -> str:
    checks = Checks()
    name = checks.text("name", request.name, longest=_LONGEST_NAME)
    checks.finish()
    if request.ends_on < request.starts_on:
        raise fault("ends_on", "occasion.ends_before_start")
    await _check_days(uow, request.starts_on, request.ends_on, region_path)
    assert uow.actor.unit_id is not None
    try:
        await require_colleague(uow, uow.actor.unit_id, request.responsible_id)
    except InvalidInput as error:
        raise fault("responsible_id", "occasion.responsible_unknown") from error
    return name


async def _check_days(uow: UnitOfWork, starts_on: date, ends_on: date, region_path: str) -> None:
    """An event ends in the future, and lasts no longer than the policy lets one last."""
    if ends_on < await today(uow):
        raise fault("ends_on", "occasion.ends_in_past")
    limit = borrowing_policy(await policy_for(uow, "borrowing", region_path, await uow.now())).longest_event_days
    if (ends_on - starts_on).days + 1 > limit:
        raise fault("ends_on", "occasion.too_long", limit=limit)


@command("occasion.follow_up", is_audited=False)
async def follow_up_occasion(uow: UnitOfWork, actor: Actor, occasion_id: str) -> bool:
    """Remind of an end date before it, on it and after it, each once; False where nothing was due.

    The lead unit's asset managers and the person responsible hear how much is unresolved, the lenders what of theirs is
    out. The days are those of the policy's reminders.
    """
    require_system(actor)
    view = await read_occasion(uow, actor, occasion_id)
    lead = await unit_facts(uow, view.lead_unit_id)
    policy = borrowing_policy(await policy_for(uow, "borrowing", lead.region_path, await uow.now()))
    day = await today(uow)
    come = [days for days in policy.reminder_days if view.ends_on + timedelta(days=days) <= day]
    if view.state != "open" or not come or not await _is_first(uow, view, max(come)):
        return False
    event = await uow.find(Occasion, id=occasion_id)
    people = await people_with_role(uow, Role.ASSET_MANAGER, lead.path)
    key = f"occasion.{max(come)}.{view.ends_on.isoformat()}.{view.id}"
    await notify(
        uow,
        person_ids=people if event is None else [*people, event.responsible_id],
        title=f"“{view.name}”{_when(view.ends_on, day)}",
        body=_body(view),
        link_kind="occasion",
        link_id=view.id,
        dedupe_key=key,
    )
    await _tell_lenders(uow, view, day, key)
    return True


async def _is_first(uow: UnitOfWork, view: OccasionView, days: int) -> bool:
    """Whether this reminder has not been sent; of two processes at once one is told so."""
    seen = await uow.find(OccasionReminder, occasion_id=view.id, ends_on=view.ends_on, days=days)
    if seen is not None:
        return False
    try:
        await uow.add(OccasionReminder(occasion_id=view.id, ends_on=view.ends_on, days=days, at=await uow.now()))
    except IntegrityError as error:
        if is_duplicate(error):
            return False
        raise
    return True


def _when(ends_on: date, day: date) -> str:
    left = (ends_on - day).days
    if left > 0:
        return f"还有 {left} 天结束"
    return "今天结束" if left == 0 else f"已结束 {-left} 天"


def _body(view: OccasionView) -> str:
    if view.unresolved_count:
        return f"收回清单上还有 {view.unresolved_count} 件没有了结，请逐件归还、移交或核销；全部了结后办结。"
    return "收回清单上的都已了结，可以办结了。"


async def _tell_lenders(uow: UnitOfWork, view: OccasionView, day: date, key: str) -> None:
    """Each lender hears of its own loans for the event or body, with the way to them."""
    loans: dict[str, int] = {}
    for item in view.items:
        if item.borrowing_id and not item.is_resolved:
            loans[item.borrowing_id] = loans.get(item.borrowing_id, 0) + 1
    for borrowing_id, pieces in loans.items():
        row = await uow.fetch_one("SELECT holder_unit_id, number FROM borrowing WHERE id = ?", borrowing_id)
        assert row is not None
        holder = await unit_facts(uow, row["holder_unit_id"])
        role = Role.OPERATIONS if holder.is_operator else Role.ASSET_MANAGER
        await notify(
            uow,
            person_ids=await people_with_role(uow, role, holder.path),
            title=f"“{view.name}”{_when(view.ends_on, day)}",
            body=f"{row['number']} 还有 {pieces} 件没有了结，请与 {view.lead_unit_name} 联系收回。",
            link_kind="borrowing",
            link_id=borrowing_id,
            dedupe_key=f"{key[:70]}.{borrowing_id}",
        )
