"""`python -m scripts.guards [--only PATH] [--kind KIND] [--list] [--prune] [--learn] [--tests PATH …]`.

STORAGES as for `make test`. Works in a copy of the tree that goes away with the run; exits 1 where a guard that is not
in unproven.txt survives, or where a list names what is not there.
"""

import argparse
import ast
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import msgspec

from scripts import system
from scripts.guards.by_hand import BY_HAND
from scripts.guards.find import Finder, Guard
from scripts.guards.lane import Answer, Try
from scripts.guards.memory import learn, with_witnesses, witnesses
from scripts.guards.pairs import GROUPS
from scripts.guards.plan import alone, is_killed, is_tried_again, plan_for, tests_for, together
from scripts.guards.switch import key_id, table_of, unique_columns
from scripts.test import ROOT, end_by_signal, end_group, start_servers, wanted_storages

UNPROVEN = Path(__file__).with_name("unproven.txt")
PACKAGES = ("server", "miniapp_api", "storefront", "admin")
# Not what answers people: the demonstration, the command line, start-up, and the outside world's adapters; and the
# program that reads tables in a process of its own, which has neither the product's modules nor an environment.
LEFT_OUT = (
    "server/demo/",
    "server/files/sheet_worker.py",
    "server/files/document_worker.py",
    "server/gateways/",
    "server/migrations/",
    "server/app.py",
    "server/cli/",
    "server/installation.py",
    "server/settings.py",
)
LINKED = (".venv", "node_modules", "build")
NOT_COPIED = {
    ".git",
    "data",
    "var",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    *LINKED,
}
SCHEMA = "server/migrations/runner.py"
READS_SCHEMA = 'text = path.read_text(encoding="utf-8")'


class Code(msgspec.Struct):
    """The guards of the tree, and the instrumented text of each file that holds one."""

    guards: list[Guard]
    texts: dict[str, str]
    wrong: list[str]


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_by_signal)
    wanted = arguments()
    code = read_code()
    faults = list_faults(code)
    guards = [each for each in code.guards if each.id.startswith(tuple(wanted.only)) and wanted.kind in {"", each.kind}]
    if wanted.list:
        for guard in guards:
            print(f"{guard.path}:{guard.line}: {guard.id.partition(':')[2]}")
    elif guards:
        known = {} if wanted.tests else witnesses()
        answers = run(code, guards, wanted.tests or tests_for(wanted.only), known)
        faults += judge(guards, answers)
        note_proven([guard.id for guard in guards if is_killed(guard, answers)], is_pruning=wanted.prune)
        if wanted.learn:
            learn(answers, {guard.id for guard in code.guards} | {together(group) for group in GROUPS})
    else:
        faults.append("no guard fits what was asked for")
    counted = Counter(guard.kind for guard in guards)
    print(f"{len(guards)} guards: " + ", ".join(f"{number} {kind}" for kind, number in counted.most_common()))
    print(f"not yet proven: {len(unproven())}")
    for fault in faults:
        print(f"guards: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="guards", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", default=[""], help="guards whose id begins so: server/assets, schema:asset_card"
    )
    parser.add_argument("--kind", default="", help="one kind: lock, row count, scope, state, permission, …")
    parser.add_argument("--list", action="store_true", help="name the guards and stop")
    parser.add_argument("--tests", nargs="+", default=[], help="these tests only")
    parser.add_argument("--prune", action="store_true", help="take what is proven by now off unproven.txt")
    parser.add_argument(
        "--learn", action="store_true", help="remember which test noticed: it is asked first from then on"
    )
    return parser.parse_args()


def read_code() -> Code:
    """Find every guard of the product, by shape, by hand and in the schema."""
    code = Code([], {}, [])
    used: Counter[object] = Counter()
    for path in sorted(each for package in PACKAGES for each in (ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(LEFT_OUT):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"), name)
        finder = Finder(name, BY_HAND)
        finder.visit(tree)
        used.update(finder.used)
        if finder.guards:
            code.guards += finder.guards
            code.texts[name] = instrumented(tree)
    code.guards += schema_guards()
    wrong = [f"{each.path} {each.function}: {each.expression}" for each in BY_HAND if used[each] != 1]
    code.wrong += [f"by_hand.py names what is not there exactly once: {each}" for each in wrong]
    return code


def instrumented(tree: ast.Module) -> str:
    """The text of a tree with its switches; the import goes behind the docstring and `from __future__`."""
    import_ = ast.parse("from scripts.guards.switch import is_off as _is_guard_off").body[0]
    head = 1 if tree.body and isinstance(tree.body[0], ast.Expr) else 0
    tree.body.insert(head, import_)
    return ast.unparse(ast.fix_missing_locations(tree))


def schema_guards() -> list[Guard]:
    found: dict[str, Guard] = {}
    for path in sorted((ROOT / "server/migrations").glob("*.sqlite.sql")):
        table = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            table = table_of(line) or table
            if columns := unique_columns(line):
                name = key_id(table, columns)
                found[name] = Guard(name, "unique key", path.relative_to(ROOT).as_posix(), number)
    return list(found.values())


def unproven() -> set[str]:
    return {line for line in UNPROVEN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}


def list_faults(code: Code) -> list[str]:
    """Names in the lists that no guard has any more."""
    known = {guard.id for guard in code.guards}
    faults = code.wrong + [f"no such guard any more: {name}" for name in sorted(unproven() - known)]
    for group in GROUPS:
        gone = [part for part in group.guards if not any(name.startswith(part) for name in known)]
        faults += [f"pairs.py names no guard: {part}" for part in gone]
    return faults


def run(code: Code, guards: list[Guard], tests: list[str], known: dict[str, str]) -> dict[str, list[Answer]]:
    """First whoever is remembered to have noticed; then, for what is left, all tests, both storages' lanes side by
    side; then a second look, on MariaDB where there is one, at what nobody missed: each guard alone, those of a group
    too, whose others do the same work and may be what is not missed."""
    left_out = system.ensure()
    storages = wanted_storages(left_out)
    with ExitStack() as stack:
        environment = servers(stack, left_out)
        folder = Path(tempfile.mkdtemp(prefix="guards-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        copy_tree(code, folder / "tree")

        def planned(wanted: list[Guard]) -> dict[str, list[Try]]:
            return {storage: plan_for(storage, wanted, storages, code.guards) for storage in storages}

        files = sorted({test.partition("::")[0] for test in known.values()})

        def by_themselves(wanted: list[Guard]) -> dict[str, list[Try]]:
            return {storages[-1]: [alone(guard, storages[-1]) for guard in wanted]}

        answers = run_lanes(stack, folder / "known", with_witnesses(planned(guards), known), files, environment)
        # Some are noticed only where there are several writers.
        left = [guard for guard in guards if not is_killed(guard, answers)]
        asked = with_witnesses(by_themselves(left), known)
        add(answers, run_lanes(stack, folder / "known again", asked, files, environment))
        left = [guard for guard in guards if not is_killed(guard, answers)]
        found = run_lanes(stack, folder / "first", planned(left), tests, environment)
        again = [guard for guard in left if not is_killed(guard, found) and is_tried_again(guard, found, storages)]
        add(found, run_lanes(stack, folder / "second", by_themselves(again), tests, environment))
        add(answers, found)
        return answers


def add(answers: dict[str, list[Answer]], more: dict[str, list[Answer]]) -> None:
    """Put the later answers beside the earlier ones."""
    for name, mine in more.items():
        answers.setdefault(name, []).extend(mine)


def run_lanes(
    stack: ExitStack, folder: Path, plans: dict[str, list[Try]], tests: list[str], environment: dict[str, str]
) -> dict[str, list[Answer]]:
    """A lane for each storage that has something to try; the answers by what was tried."""
    folder.mkdir()
    lanes = []
    for number, (storage, plan) in enumerate(plans.items()):
        if plan:
            lanes.append(start_lane(folder, storage, number, plan, tests, environment))
            stack.callback(end_group, lanes[-1])
    for lane in lanes:
        if lane.wait() != 0:
            print(f"guards: a lane ended with {lane.returncode}", file=sys.stderr)
    return read_answers(folder)


def servers(stack: ExitStack, left_out: list[str]) -> dict[str, str]:
    """The run's own servers, or those that the environment names."""
    if {"TEST_MARIADB_URL", "TEST_REDIS_URL"} <= set(os.environ):
        return dict(os.environ)
    return start_servers(stack, left_out)


def copy_tree(code: Code, tree: Path) -> None:
    shutil.copytree(ROOT, tree, ignore=lambda _, names: NOT_COPIED & set(names))
    for name in LINKED:
        if (ROOT / name).exists():
            (tree / name).symlink_to(ROOT / name)
    # Real input lies beside the tree, where there is any.
    if (ROOT.parent / "shared").exists():
        (tree.parent / "shared").symlink_to(ROOT.parent / "shared")
    for name, text in code.texts.items():
        (tree / name).write_text(text, encoding="utf-8")
    runner = (tree / SCHEMA).read_text(encoding="utf-8")
    line = READS_SCHEMA.replace('"', "'")
    if runner.count(line) + runner.count(READS_SCHEMA) != 1:
        sys.exit(f"guards: {SCHEMA} reads the schema in another way than this tool knows")
    runner = runner.replace(line, READS_SCHEMA)
    wrapped = "text = __import__('scripts.guards.switch', fromlist=['schema']).schema(path.read_text(encoding='utf-8'))"
    (tree / SCHEMA).write_text(runner.replace(READS_SCHEMA, wrapped), encoding="utf-8")


def start_lane(
    folder: Path, storage: str, number: int, plan: list[Try], tests: list[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    (folder / f"{storage}.plan").write_bytes(msgspec.json.encode(plan))
    line = [
        *(
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "scripts.guards.lane",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-s",
        ),
        *("-q", "--no-header", "--no-summary", f"--basetemp={folder}/{storage}-temp"),
        *tests,
    ]
    own = {
        "STORAGE": storage,
        "PYTEST_XDIST_WORKER": f"gw{int(os.environ.get('GUARDS_WORKER', '0')) + number}",
        "GUARDS_PLAN": str(folder / f"{storage}.plan"),
        "GUARDS_ANSWERS": str(folder / f"{storage}.answers"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.Popen(line, cwd=folder.parent / "tree", env={**environment, **own}, start_new_session=True)


def read_answers(folder: Path) -> dict[str, list[Answer]]:
    answers: dict[str, list[Answer]] = {}
    for path in sorted(folder.glob("*.answers")):
        for line in path.read_bytes().splitlines():
            answer = msgspec.json.decode(line, type=Answer)
            answers.setdefault(answer.name, []).append(answer)
    return answers


def judge(guards: list[Guard], answers: dict[str, list[Answer]]) -> list[str]:
    """Every guard that nobody would miss, and every list that says otherwise than the run."""
    faults = []
    still = unproven()
    counted: Counter[str] = Counter()
    for guard in guards:
        is_proven = is_killed(guard, answers)
        counted["killed" if is_proven else "survived"] += 1
        if not is_proven and guard.id not in still:
            mine = answers.get(guard.id, [])
            tried = ", ".join(f"{answer.outcome} {answer.tests} of {answer.of} tests" for answer in mine) or "not tried"
            faults.append(f"SURVIVED ({tried}): {guard.id}")
    print(f"\n{counted['killed']} killed, {counted['survived']} survived")
    return faults


def note_proven(proven: list[str], *, is_pruning: bool) -> None:
    """Say what unproven.txt need no longer name, or take it off."""
    found = unproven() & set(proven)
    if found and is_pruning:
        lines = UNPROVEN.read_text(encoding="utf-8").splitlines()
        UNPROVEN.write_text("".join(f"{line}\n" for line in lines if line not in found), encoding="utf-8")
    elif found:
        print(f"{len(found)} in unproven.txt are proven by now: --prune takes them off")


if __name__ == "__main__":
    main()
