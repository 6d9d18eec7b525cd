"""What is tried where, with which tests, and what counts as proven."""

from scripts.guards.find import Guard
from scripts.guards.lane import Answer, Try
from scripts.guards.pairs import GROUPS, Group
from scripts.test import ROOT

# Tests of the tools and texts: no guard is of their business. `faults` kills servers for minutes.
NO_TESTS = ("house", "tooling", "docs", "docker", "gateways", "faults", "migrations")
# Who notices a domain's guards besides its own tests, where not all are asked.
NOTICED_BY = {
    "kernel": ("jobs", "approvals", "admin", "circulation", "miniapp_api"),
    "web": ("storefront", "admin", "miniapp_api", "input"),
    "files": ("miniapp_api", "storefront", "access"),
    "identity": ("admin", "access"),
    "places": ("admin", "access"),
    "policies": ("admin", "access"),
    "assets": ("circulation", "admin", "access"),
    "circulation": ("access", "races"),
    "approvals": ("circulation", "access", "races"),
}
# Only with several connections at once can these be missed.
RACY = {"lock"}


def tests_for(only: list[str]) -> list[str]:
    """The tests that may notice: the domains' own and those that go with them, or all."""
    folders = [path for path in sorted((ROOT / "tests").iterdir()) if any(path.glob("test_*.py"))]
    if all(each.startswith("server/") for each in only):
        domains = {each.split("/")[1] for each in only}
        named = domains | {name for domain in domains for name in NOTICED_BY.get(domain, ())}
        folders = [path for path in folders if path.name in named]
    return [f"tests/{path.name}" for path in folders if path.name not in NO_TESTS]


def plan_for(storage: str, guards: list[Guard], storages: list[str], every: list[Guard]) -> list[Try]:
    """What one storage tries: SQLite everything but locks, which it has none of; MariaDB the locks.

    A group of which one guard is wanted is tried as a whole, with whatever of `every` belongs to it, and its guards not
    by themselves; one that holds a lock only where locks are.
    """
    tries = [
        alone(guard, storage)
        for guard in guards
        if is_tried_on(storage, {guard.kind}, storages) and not any(group.holds(guard.id) for group in GROUPS)
    ]
    for group in GROUPS:
        wanted = [guard for guard in guards if group.holds(guard.id)]
        held = [guard for guard in every if group.holds(guard.id)]
        if wanted and is_tried_on(storage, {guard.kind for guard in held}, storages):
            off = [guard.id for guard in held]
            tries.append(Try(together(group), off, storage == "mariadb", domain_of(wanted[0])))
    return tries


def alone(guard: Guard, storage: str) -> Try:
    """One guard taken out by itself."""
    return Try(guard.id, [guard.id], storage == "mariadb", domain_of(guard))


def is_tried_on(storage: str, kinds: set[str], storages: list[str]) -> bool:
    if len(storages) == 1:
        return storage == "mariadb" or not kinds <= RACY
    return (storage == "mariadb") == bool(kinds & RACY)


def is_tried_again(guard: Guard, answers: dict[str, list[Answer]], storages: list[str]) -> bool:
    """Whether what survived is tried by itself on the last storage: where it was not tried there by itself before."""
    if guard.kind in RACY:
        return "mariadb" in storages and guard.id not in answers
    return len(storages) > 1 or guard.id not in answers


def domain_of(guard: Guard) -> str:
    # One test asks the storage about the keys of all domains.
    if guard.kind == "unique key":
        return "kernel"
    parts = guard.path.split("/")
    return parts[1] if parts[0] == "server" else parts[0]


def together(group: Group) -> str:
    return f"together: {group.why}"


def is_killed(guard: Guard, answers: dict[str, list[Answer]]) -> bool:
    """Whether some test missed it, alone or together with what does the same work."""
    names = [guard.id, *(together(group) for group in GROUPS if group.holds(guard.id))]
    return any(answer.outcome == "killed" for name in names for answer in answers.get(name, []))
