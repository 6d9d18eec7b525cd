"""No list shows what the table would refuse one by one."""

from server.identity.roles import Role
from tests.access.conftest import Trial
from tests.access.matrix import CASES
from tests.access.sending import ask

LISTS = [case for case in CASES if case.method == "GET" and not case.thing]
# Nothing of these is on the board, which the whole city sees.
HIDDEN = (
    "card",
    "person",
    "borrowed",
    "task",
    "delegation",
    "notice",
    "event",
    "site",
    "warehouse",
    "file",
    "session",
    "saved",
)
QUERIES: tuple[dict[str, str], ...] = (
    {},
    {"role_view": "unit"},
    {"role_view": "holder"},
    {"role_view": "desk"},
    {"state": "decided"},
)


async def test_list_holds_nothing_of_other_units_when_anybody_reads_it(trial: Trial) -> None:
    hidden: dict[str, dict[str, str]] = {}
    for relation in ("below", "neighbour", "far"):
        made = [(await trial.world.thing(name, relation), name) for name in HIDDEN]
        hidden[relation] = {
            value: f"{name} {relation}" for facts, name in made for key, value in facts.items() if is_id(key)
        }
    faults = []
    for case in LISTS:
        for role in Role:
            for is_subtree in (False, True):
                text = await everything(trial, case.method, case.path, trial.world.asking[role, is_subtree])
                relations = ("neighbour", "far") if is_subtree else ("below", "neighbour", "far")
                for relation in relations:
                    seen = [what for value, what in hidden[relation].items() if value in text]
                    faults += [f"{case} {role} subtree={is_subtree}: {what}" for what in seen]
    assert not faults, "\n".join(faults)


async def everything(trial: Trial, method: str, path: str, actor: object) -> str:
    """What the list says, in every view that it has."""
    shown = await trial.pass_for(actor)  # type: ignore[arg-type]
    if path not in {"/mini/v1/borrowings", "/mini/v1/approvals"}:
        return (await ask(trial.client, method, path, shown, {})).raw
    headers = {"Authorization": f"Bearer {shown.bearer}"}
    return "".join([(await trial.client.get(path, params=query, headers=headers)).text for query in QUERIES])


def is_id(name: str) -> bool:
    """Whether the fact is an id that would betray the thing; a keeper is shown to whoever sees the card."""
    return name.endswith("_id") and name not in {"custodian_id", "keeper_id"}


async def test_administrators_see_no_business_when_they_read_lists(trial: Trial) -> None:
    mine = await trial.world.thing("card", "own")
    loans = [await trial.world.thing(name, "own") for name in ("lent", "borrowed", "task")]
    secrets = [mine["asset_id"], *(value for facts in loans for key, value in facts.items() if is_id(key))]
    faults = []
    for case in LISTS:
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
            if case.path.startswith("/admin/audit") or "listings" in case.path or case.path == "/sharing":
                continue
            text = await everything(trial, case.method, case.path, trial.world.asking[role, True])
            faults += [f"{case} {role}: {secret}" for secret in secrets if secret in text]
    assert not faults, "\n".join(faults)
