# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Changing policies: versions are added, never edited."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from tortoise.exceptions import IntegrityError

from server.identity.queries import region_name
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import from_microseconds
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.policies.access import get_version_for_change, require_region_for_change
from server.policies.content import parse_content
from server.policies.models import PolicyVersion
from server.policies.queries import POLICY_COLUMNS, view_of
from server.policies.types import CONTENT_TYPES, CancelPolicy, ChangePolicy, PolicyContent, PolicyView

_DEFAULT_REASON = "产品内置的默认政策"
_BEGINNING = from_microseconds(0)


class _Paper(NamedTuple):
    """Why a version is made, and by order of which paper."""

    reason: str
    document_no: str = ""


@command("policies.change")
async def change_policy(uow: UnitOfWork, actor: Actor, request: ChangePolicy) -> PolicyView:
    """Add a region's next version. Raises InvalidInput naming every wrong field; StateConflict `record.changed` when
    somebody else changed it since `base_version`; Forbidden and NotFound as `require_region_for_change`."""
    content = parse_content(request.kind, request.content)
    await require_region_for_change(uow, actor, request.kind, request.region_code)
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=500, shortest=2)
    document_no = checks.text("document_no", request.document_no, longest=64, shortest=2)
    checks.finish()
    latest, since = await _latest(uow, request.region_code, request.kind)
    if request.base_version not in {None, latest}:
        raise StateConflict("record.changed")
    effective_from = await _effective_from(uow, request.effective_from, since)
    version = await _add_version(
        uow, request.region_code, request.kind, latest + 1, content, _Paper(reason, document_no), effective_from
    )
    await uow.record(
        "policy.changed",
        "policy_version",
        version.id,
        region_code=version.region_code,
        kind=version.kind,
        version=version.version,
        effective_from=effective_from.isoformat(),
        content=version.content,
        reason=reason,
        document_no=document_no,
    )
    uow.publish_after_commit("policy", f"{version.kind}:{version.region_code}")
    return await _written(uow, version)


@command("policies.cancel")
async def cancel_policy(uow: UnitOfWork, actor: Actor, request: CancelPolicy) -> PolicyView:
    """Call off a version that has not taken effect; what applied before it goes on. It stays in the history.

    Raises InvalidInput; NotFound `policy.not_found`, also for a region out of scope; Forbidden `role.required`;
    StateConflict `policy.not_cancellable` once it is in effect or called off.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=500, shortest=2)
    checks.finish()
    version = await get_version_for_change(uow, actor, request.version_id)
    now = await uow.now()
    await uow.change_one(
        PolicyVersion,
        {"id": version.id, "cancelled_at": None, "effective_from__gt": now},
        otherwise=StateConflict("policy.not_cancellable"),
        cancelled_at=now,
        cancelled_by_name=actor.person_name,
        cancel_reason=reason,
    )
    await uow.record(
        "policy.cancelled",
        "policy_version",
        version.id,
        region_code=version.region_code,
        kind=version.kind,
        version=version.version,
        reason=reason,
    )
    uow.publish_after_commit("policy", f"{version.kind}:{version.region_code}")
    return await _written(uow, version)


@command("policies.seed_default")
async def seed_default_policies(uow: UnitOfWork, actor: Actor) -> int:
    """Add the built-in version 1 of every kind where it is missing; returns how many. Done again it changes nothing."""
    added = 0
    for kind, struct in CONTENT_TYPES.items():
        latest, _ = await _latest(uow, "", kind)
        if not latest:
            # From the beginning of time, so that the default answers for every instant asked about.
            await _add_version(uow, "", kind, 1, struct(), _Paper(_DEFAULT_REASON), _BEGINNING)
            added += 1
    await uow.record("policy.seeded", "policy_version", "default", added=added)
    uow.publish_after_commit("policy")
    return added


async def _written(uow: UnitOfWork, version: PolicyVersion) -> PolicyView:
    row = await uow.fetch_one(
        f"SELECT {POLICY_COLUMNS} FROM policy_version WHERE id = ?",
        version.id,
    )
    assert row is not None
    is_current = version.effective_from <= await uow.now()
    return view_of(row, await region_name(version.region_code), is_current=is_current)


async def _latest(uow: UnitOfWork, region_code: str, kind: str) -> tuple[int, datetime]:
    """The highest number of a region's versions, and from when the last one applies that was not called off."""
    row = await uow.fetch_one(
        "SELECT MAX(version) AS version, MAX(CASE WHEN cancelled_at IS NULL THEN effective_from END) AS since"
        " FROM policy_version WHERE region_code = ? AND kind = ?",
        region_code,
        kind,
    )
    assert row is not None
    return row["version"] or 0, from_microseconds(row["since"] or 0)


async def _effective_from(uow: UnitOfWork, wanted: datetime | None, previous: datetime) -> datetime:
    """The instant from which a new version applies: versions take effect in their order, none in the past."""
    present = await uow.now()
    instant = present if wanted is None else wanted
    checks = Checks()
    if instant.tzinfo is None:
        checks.fault("effective_from", "input.wrong_type")
    elif instant < present:
        checks.fault("effective_from", "policy.effective_in_past")
    elif instant < previous:
        checks.fault("effective_from", "policy.effective_before_previous")
    checks.finish()
    return instant


async def _add_version(
    uow: UnitOfWork,
    region_code: str,
    kind: str,
    number: int,
    content: PolicyContent,
    paper: "_Paper",
    effective_from: datetime,
) -> PolicyVersion:
    version = PolicyVersion(
        region_code=region_code,
        kind=kind,
        version=number,
        effective_from=effective_from,
        content=msgspec.to_builtins(content),
        reason=paper.reason,
        document_no=paper.document_no,
        created_by=uow.actor.person_id,
        created_by_name=uow.actor.person_name if uow.actor.person_id else "系统",
        created_at=await uow.now(),
    )
    try:
        await uow.add(version)
    except IntegrityError as error:
        if is_duplicate(error):  # two authors at once: the second looks again at what the first made
            raise StateConflict("record.changed") from error
        raise
    return version
