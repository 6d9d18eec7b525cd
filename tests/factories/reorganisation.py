"""Units that are merged, split and moved, and everything that has to follow: proposals confirmed, rows looked at."""

from server import wiring
from server.assets.verification import verify_cards
from server.circulation.verification import verify_promises
from server.identity.commands import ProposeChange, confirm_unit_change, propose_unit_change
from server.identity.following import followed
from server.identity.queries import person_by_id, unit_by_id
from server.identity.roles import Role
from server.identity.types import UnitChangeView, UnitView
from server.kernel.actor import Actor
from server.kernel.reading import present_day, reading
from server.settings import Settings
from tests.factories.identity import SYSTEM, City, actor_of, make_actor

# Whoever reorganises has every domain listening.
wiring.wire(Settings.from_environment({}))


def proposal(kind: str, unit: UnitView, to: UnitView, **changes: object) -> ProposeChange:
    """A change of today by a document."""
    fields: dict[str, object] = {
        "document_no": "临委编〔2026〕18号",
        "effective_on": present_day(),
        "reason": "机构改革",
    }
    return ProposeChange(kind=kind, unit_id=unit.id, to_unit_id=to.id, **{**fields, **changes})  # type: ignore[arg-type]


async def administrators(city: City, unit: UnitView | None = None) -> tuple[Actor, Actor]:
    """A system and a security administrator over the whole city, or over `unit` and what lies below."""
    over = unit or city.city
    return (
        await make_actor("钱系统", over, Role.SYSTEM_ADMIN, is_subtree=True),
        await make_actor("周安全", over, Role.SECURITY_ADMIN, is_subtree=True),
    )


async def reorganise(city: City, wanted: ProposeChange) -> UnitChangeView:
    """Propose by one administrator, confirm by the other."""
    system, security = await administrators(city)
    proposed = await propose_unit_change(system, wanted)
    return await confirm_unit_change(security, proposed.id)


async def left_behind(unit: UnitView, path: str) -> list[str]:
    """The columns in which rows that should have followed still name the unit, or lie under its old path."""
    found = []
    async with reading() as rows:
        for each in followed():
            checks = [(f"{each.unit_id} = ? AND ({each.open})", unit.id)]
            if each.path:
                checks.append((f"SUBSTR({each.path}, 1, LENGTH('{path}')) = ?", path))
            for condition, value in checks:
                row = await rows.fetch_one(f"SELECT COUNT(*) AS number FROM {each.table} WHERE {condition}", value)
                assert row is not None
                if row["number"]:
                    found.append(f"{each.table}: {row['number']} rows where {condition}")
    return found


async def now(actor: Actor, unit: UnitView) -> Actor:
    """The same person after the change, as a new session would say."""
    assert actor.person_id is not None
    return await actor_of(await person_by_id(SYSTEM, actor.person_id), await unit_by_id(SYSTEM, unit.id))


async def check_whole() -> None:
    """Fail unless the ledger and the promises fit their history."""
    assert await verify_cards() == [] and await verify_promises() == []
