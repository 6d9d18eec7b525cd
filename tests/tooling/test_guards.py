"""The guards' finder sees each shape and puts a switch before it; its lists name what is there."""

import ast
import textwrap

import pytest

from scripts.guards import switch
from scripts.guards.__main__ import instrumented, list_faults, read_code
from scripts.guards.by_hand import ByHand
from scripts.guards.find import Finder
from scripts.guards.plan import plan_for

SAMPLE = '''
"""A domain's file."""


async def lend(uow, actor, card_id, days):
    require_role(actor, "asset_manager")
    card = await uow.lock(Card, card_id)
    if card is None:
        raise NotFound("asset.not_found")
    if not is_in_scope(actor, card.path, "asset_manager") or card.is_frozen:
        raise StateConflict("asset.frozen")
    clause, values = scope_clause(actor, "c.path", "asset_manager")
    await uow.change_one(Card, {"id": card_id, "state": "home"}, otherwise=StateConflict("x"), state="lent")
    if days < 1:
        raise InvalidInput("days")
    return f"{clause} AND {days}"
'''


def found(text: str, *by_hand: ByHand) -> tuple[Finder, str]:
    tree = ast.parse(textwrap.dedent(text))
    finder = Finder("server/x.py", list(by_hand))
    finder.visit(tree)
    return finder, instrumented(tree)


def test_each_shape_is_found_when_it_stands_in_a_function() -> None:
    finder, _ = found(SAMPLE)
    kinds = [guard.kind for guard in finder.guards]
    assert kinds == ["check", "lock", "state", "state", "scope", "row count"]
    said = [guard.id.split(":", 3)[3] for guard in finder.guards]
    assert said[:2] == ["require_role(actor, 'asset_manager')", "uow.lock(Card, card_id)"]
    assert said[3] == "card.is_frozen -> raise StateConflict('asset.frozen')"


def test_ids_differ_when_one_guard_stands_twice() -> None:
    finder, _ = found("def f(actor):\n    require_role(actor)\n    require_role(actor)\n")
    assert [guard.id[-2:] for guard in finder.guards] == ["r)", "~2"]


def test_programs_of_their_own_stay_as_they_are_when_the_product_is_instrumented() -> None:
    # They run apart from the product's modules, and would end at the import of the switch.
    assert not [name for name in read_code().texts if name.endswith("_worker.py")]


@pytest.mark.parametrize(("off", "answer"), [(False, "refused"), (True, "done")])
def test_guard_is_gone_when_its_switch_is_turned(monkeypatch: pytest.MonkeyPatch, off: bool, answer: str) -> None:
    finder, text = found(
        """
        class StateConflict(Exception): ...

        def issue(state):
            if state != "approved":
                raise StateConflict
            return "done"
        """
    )
    [guard] = finder.guards
    monkeypatch.setattr(switch, "_off", frozenset([guard.id]) if off else frozenset())
    names: dict[str, object] = {}
    exec(compile(text, "sample", "exec"), names)  # noqa: S102 -- the instrumented text is what is under test
    issue = names["issue"]
    assert callable(issue)
    try:
        heard = issue("withdrawn")
    except names["StateConflict"]:  # type: ignore[misc]
        heard = "refused"
    assert heard == answer


def test_expression_is_switched_when_it_was_named_by_hand() -> None:
    named = ByHand("chain link", "server/x.py", "row_hash", "[previous, *fields]", "[*fields]")
    finder, text = found("def row_hash(previous, fields):\n    return [previous, *fields]\n", named)
    assert finder.used[named] == 1
    assert "[*fields] if _is_guard_off(" in text


@pytest.mark.parametrize(
    ("line", "columns", "without"),
    [
        ('    "code" VARCHAR(48) NOT NULL UNIQUE,\n', "code", '    "code" VARCHAR(48) NOT NULL,\n'),
        ("    UNIQUE KEY `u` (`asset_id`, `day`),\n", "asset_id+day", "    KEY `u` (`asset_id`, `day`),\n"),
        ('    CONSTRAINT "u" UNIQUE ("a", "b")\n', "a+b", '    CONSTRAINT "u" CHECK (1 = 1)\n'),
        ("CREATE UNIQUE INDEX u ON card (a, b);\n", "a+b", "CREATE INDEX u ON card (a, b);\n"),
    ],
)
def test_unique_key_is_gone_when_it_is_taken_out(
    monkeypatch: pytest.MonkeyPatch, line: str, columns: str, without: str
) -> None:
    head = "CREATE TABLE IF NOT EXISTS card (\n"
    monkeypatch.setattr(switch, "_off", frozenset([switch.key_id("card", columns)]))
    assert switch.schema(head + line) == head + without
    monkeypatch.setattr(switch, "_off", frozenset())
    assert switch.schema(head + line) == head + line


def test_every_list_names_what_is_there() -> None:
    assert list_faults(read_code()) == []


def test_locks_are_tried_where_there_are_several_writers() -> None:
    guards = read_code().guards
    by_storage = {name: plan_for(name, guards, ["sqlite", "mariadb"], guards) for name in ("sqlite", "mariadb")}
    kinds = {guard.id: guard.kind for guard in guards}
    tried = {name: {kinds[off] for each in plan for off in each.off} for name, plan in by_storage.items()}
    assert "lock" in tried["mariadb"] and "lock" not in tried["sqlite"]
    # By itself, or together with what does the same work.
    assert {guard.id for guard in guards} == {off for plan in by_storage.values() for each in plan for off in each.off}
