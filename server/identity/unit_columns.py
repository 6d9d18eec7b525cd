# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""What follows a unit among people: posts with their roles, delegations and sessions; what was signed stays."""

from server.identity.following import ChangeKind, Reorganisation, UnitColumns, follow, keep, on_unit_changed, own_clause
from server.identity.models import Person, Post, RoleGrant
from server.identity.roles import Role
from server.identity.sessions import CHANNEL
from server.kernel.instants import to_microseconds
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

POSTS = follow(
    UnitColumns(
        table="post",
        unit_id="unit_id",
        label="在职岗位",
        open="is_active = 1",
        held="is_active = 1",
        with_people=("person_id",),
        is_handled=True,
    )
)
follow(UnitColumns(table="unit", unit_id="parent_id", label="下级单位", open="is_active = 1", held="is_active = 1"))
follow(
    UnitColumns(
        table="unit", unit_id="lead_unit_id", label="牵头的临时机构", open="is_active = 1", held="is_active = 1"
    )
)
_DELEGATED = follow(
    UnitColumns(
        table="delegation",
        unit_id="unit_id",
        label="代办委托",
        open="revoked_at IS NULL",
        with_people=("from_person_id", "to_person_id"),
    )
)
follow(UnitColumns(table="session", unit_id="unit_id", open="ended_at IS NULL", with_people=("person_id",)))
follow(UnitColumns(table="feed_key", unit_id="unit_id", with_people=("person_id",)))
keep("audit_event", "unit_id", "审计记当时操作者所在的单位")
keep("handover", "unit_id", "签过字的清单")
keep("unit_headcount", "unit_id", "编办文件核给原单位的编制；新单位凭新文件登记")
for _column in ("from_unit_id", "from_unit_name", "to_unit_id", "to_unit_name"):
    keep("unit_change", _column, "单位变更本身的记录")

# What a unit must be for somebody to hold the role there.
_FITTING = {Role.FINANCE_REVIEWER.value: "is_finance_authority", Role.OPERATIONS.value: "is_operator"}


async def hold_people(uow: UnitOfWork, change: Reorganisation) -> int:
    """Lock whoever goes along: nobody hands over, is disabled or granted anything meanwhile."""
    rows = await _posts(uow, change)
    await uow.lock_all(Person, {row["person_id"] for row in rows})
    uow.publish_after_commit(CHANNEL)
    return 0


async def pass_on_posts(uow: UnitOfWork, change: Reorganisation) -> int:
    """Posts go along with their roles; where somebody has a post in both units, the roles go to the one that stays.

    No role grows by it: one that reached the units below reaches only the new unit, until security grants it anew; one
    that the new unit cannot bear ends.
    """
    posts = await _posts(uow, change)
    if not posts:
        return 0
    free = [post["id"] for post in posts if post["there"] is None]
    if free:
        await uow.execute(
            f"UPDATE post SET unit_id = ? WHERE unit_id = ? AND id IN ({', '.join('?' * len(free))})",
            change.after.id,
            change.before.id,
            *free,
        )
    for post in posts:
        if post["there"] is not None:
            await _join_posts(uow, post)
    await _pass_on_roles(uow, change, {post["id"]: post["there"] or post["id"] for post in posts})
    return len(posts)


async def _posts(uow: UnitOfWork, change: Reorganisation) -> list[Row]:
    clause = own_clause(POSTS, change) if change.kind in {ChangeKind.MERGE, ChangeKind.SPLIT} else None
    if clause is None:
        return []
    return await uow.fetch_all(
        "SELECT o.id, o.person_id, o.title, t.id AS there FROM post o"
        " LEFT JOIN post t ON t.person_id = o.person_id AND t.unit_id = ?"
        f" WHERE o.id IN (SELECT id FROM post WHERE {clause[0]}) ORDER BY o.id",
        change.after.id,
        *clause[1],
    )


async def _join_posts(uow: UnitOfWork, post: Row) -> None:
    await uow.change(Post, {"id": post["id"]}, is_active=False)
    await uow.change(Post, {"id": post["there"], "is_active": False}, is_active=True, title=post["title"])


async def _pass_on_roles(uow: UnitOfWork, change: Reorganisation, targets: dict[str, str]) -> None:
    """`targets`: the post in the new unit by the one before."""
    posts = sorted({*targets, *targets.values()})
    grants = await uow.fetch_all(
        "SELECT id, post_id, role, is_subtree FROM role_grant WHERE revoked_at IS NULL"
        f" AND post_id IN ({', '.join('?' * len(posts))}) ORDER BY id",
        *posts,
    )
    unit = await uow.fetch_one("SELECT is_finance_authority, is_operator FROM unit WHERE id = ?", change.after.id)
    assert unit is not None
    held = {(grant["post_id"], grant["role"]) for grant in grants}
    for grant in grants:
        target = targets.get(grant["post_id"])
        if target is None:
            continue
        fits = grant["role"] not in _FITTING or bool(unit[_FITTING[grant["role"]]])
        if target == grant["post_id"] and fits and not grant["is_subtree"]:
            continue
        why = f"单位变更：{change.document_no}"
        await uow.change(
            RoleGrant,
            {"id": grant["id"], "revoked_at": None},
            revoked_at=await uow.now(),
            revoked_by=uow.actor.person_id,
            revoke_reason=why,
        )
        if fits and (target == grant["post_id"] or (target, grant["role"]) not in held):
            await _grant_narrowed(uow, target, grant["role"], why)


async def _grant_narrowed(uow: UnitOfWork, post_id: str, role: str, reason: str) -> None:
    await uow.add(
        RoleGrant(
            post_id=post_id,
            role=role,
            is_subtree=False,
            granted_by=uow.actor.person_id,
            granted_at=await uow.now(),
            reason=reason,
        )
    )


async def end_torn_delegations(uow: UnitOfWork, change: Reorganisation) -> int:
    """A delegate works in the giver's unit; where only one of the two goes along, the delegation ends."""
    if change.kind is not ChangeKind.SPLIT or not change.people:
        return 0
    marks = ", ".join("?" * len(change.people))
    return await uow.execute(
        "UPDATE delegation SET revoked_at = ? WHERE unit_id = ? AND revoked_at IS NULL"
        f" AND (from_person_id IN ({marks}) OR to_person_id IN ({marks}))",
        to_microseconds(await uow.now()),
        change.before.id,
        *change.people,
        *change.people,
    )


on_unit_changed("person", hold_people)
on_unit_changed("post", pass_on_posts)
on_unit_changed("delegation", end_torn_delegations)
