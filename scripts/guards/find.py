"""Finds the guards of a source file in its syntax tree, and puts a switch before each.

Found by shape: `uow.lock` and `lock_all` (without: a plain read), `uow.change_one` (without: nobody counts the rows),
conditions that end in a refusal (without: never refused; of `a or b` each by itself), statements such as
`require_x(...)` (without: nothing), conditions such as `scope_clause(...)` (without: `1 = 1`), and predicates over the
actor such as `is_in_scope(...)` (without: always). What has no such shape stands in by_hand.py.

Not guards: refusals of malformed input (tests/input sends that), `x is None`, and errors for programmers.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.guards.by_hand import ByHand

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
CLAUSE = re.compile(r"^_?(\w+_)?clause$|^_scope$|^_asked$")
# These narrow what somebody looks for; they guard nothing.
NO_CLAUSE = {"matching_clause"}
PREDICATE = re.compile(r"^_?(is|can)_\w+$")
STATEMENT = re.compile(r"^_?(require|refuse|admit|check|hold)(_\w+)?$")
REFUSAL_CALL = re.compile(r"^_?(refuse|not_found)(_\w+)?$|^_fail$")
# The kind of a refusal by the error it raises; other errors tell programmers of their mistakes.
ERRORS = {
    "Forbidden": "permission",
    "Unauthenticated": "permission",
    "NotFound": "sight",
    "StateConflict": "state",
    "LimitReached": "limit",
    "LockOrderError": "lock order",
    "Replayed": "idempotency",
    "SchemaError": "state",
}
FALSE, TRUE, NOTHING = ast.Constant(False), ast.Constant(True), ast.Constant(None)
EVERYTHING = ast.parse("('1 = 1', ())", mode="eval").body


@dataclass(frozen=True)
class Guard:
    """One guard. `id`: file, function, kind and what it says; stays the same while those do."""

    id: str
    kind: str
    path: str
    line: int


class Finder(ast.NodeTransformer):
    """Walks one file; afterwards `guards` holds what was found, and the tree asks the switch before each."""

    def __init__(self, path: str, by_hand: list[ByHand]) -> None:
        self.guards: list[Guard] = []
        self.used: Counter[ByHand] = Counter()
        self._path = path
        self._by_hand: dict[tuple[str, str], list[ByHand]] = {}
        for each in by_hand:
            if each.path == path:
                self._by_hand.setdefault((each.function, ast.dump(each.tree)), []).append(each)
        self._where: list[str] = []
        self._depth = 0
        self._counted: set[str] = set()
        self._ids: Counter[str] = Counter()

    def visit(self, node: ast.AST) -> ast.AST:
        if not self._by_hand or not isinstance(node, ast.expr):
            return super().visit(node)  # type: ignore[no-any-return]
        found = self._by_hand.get((self._function, ast.dump(node)), [])
        line = node.lineno
        visited = super().visit(node)
        for each in found:
            self.used[each] += 1
            text = f"{each.expression} -> {each.instead}"
            visited = self._switch(each.kind, each.replacement, visited, text, line)
        return visited  # type: ignore[no-any-return]

    @property
    def _function(self) -> str:
        return ".".join(self._where)

    def _visit_all(self, nodes: list[Any]) -> None:
        nodes[:] = [self.visit(each) for each in nodes]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._where.append(node.name)
        self._visit_all(node.body)
        self._where.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._inside(node)

    def _inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self._where.append(node.name)
        self._depth += 1
        self._counted |= set(_counted_names(node))
        # Decorators, defaults and annotations run at import, before any switch can be turned.
        self._visit_all(node.body)
        self._depth -= 1
        self._where.pop()
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        kind = _refusal_kind(node.body)
        if kind is None or not self._depth:
            return self.generic_visit(node)
        if self._is_row_count(node.test):
            kind = "row count"
        text = f" -> {_one_line(node.body[-1])}"
        if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
            node.test.values = [self._refusal(kind, each, text) for each in node.test.values]
        else:
            node.test = self._refusal(kind, node.test, text)
        self._visit_all(node.body)
        self._visit_all(node.orelse)
        return node

    def _refusal(self, kind: str, test: ast.expr, text: str) -> ast.expr:
        return test if _is_existence(test) else self._switch(kind, FALSE, test, _one_line(test) + text)

    def _is_row_count(self, test: ast.expr) -> bool:
        names = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}
        calls = {_called(each) for each in ast.walk(test) if isinstance(each, ast.Call)}
        return bool(names & self._counted or calls & {"change", "execute"})

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call) and self._depth and STATEMENT.match(_called(call)):
            node.value = self._switch("check", NOTHING, node.value)
            return node
        return self.generic_visit(node)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        if isinstance(node.value, ast.Call) and (found := self._shape(node.value)):
            kind, instead = found
            original = _one_line(node.value)
            line = node.lineno
            self._visit_arguments(node.value)
            return self._switch(kind, instead, node, original, line)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if found := self._shape(node):
            original = _one_line(node)
            self._visit_arguments(node)
            return self._switch(found[0], found[1], node, original, node.lineno)
        return self.generic_visit(node)

    def _visit_arguments(self, call: ast.Call) -> None:
        self._visit_all(call.args)

    def _shape(self, call: ast.Call) -> tuple[str, ast.expr] | None:
        """The kind of guard that a call is, and what stands in its place without it."""
        name = _called(call)
        if not self._depth:
            return None
        if _is_of_uow(call) and name in {"lock", "lock_all", "change_one"}:
            return ("row count" if name == "change_one" else "lock"), _plain(call, name)
        if isinstance(call.func, ast.Attribute):
            return None
        if CLAUSE.match(name) and name not in NO_CLAUSE:
            return "scope", EVERYTHING
        takes_actor = any(isinstance(each, ast.Name) and each.id == "actor" for each in call.args)
        return ("scope", TRUE) if takes_actor and PREDICATE.match(name) else None

    def _switch(
        self, kind: str, instead: ast.expr, guard: ast.expr, text: str | None = None, line: int | None = None
    ) -> ast.expr:
        words = " ".join((text or _one_line(guard)).split())[:150]
        name = f"{self._path}:{self._function}:{kind}:{words}"
        self._ids[name] += 1
        number = self._ids[name]
        full = name if number == 1 else f"{name}~{number}"
        self.guards.append(Guard(full, kind, self._path, line or guard.lineno))
        question = ast.Call(ast.Name("_is_guard_off", ast.Load()), [ast.Constant(full)], [])
        return ast.IfExp(question, instead, guard)


def _plain(call: ast.Call, name: str) -> ast.expr:
    uow = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else "uow"
    values = [ast.unparse(each) for each in call.args]
    if name == "lock":
        text = f"await {uow}.find({values[0]}, pk={values[1]})"
    elif name == "lock_all":
        text = f"await {uow}.find_all({values[0]}, pk__in=list({values[1]}))"
    else:
        kept = [
            ast.unparse(each.value) if each.arg is None else each for each in call.keywords if each.arg != "otherwise"
        ]
        words = [f"**{each}" if isinstance(each, str) else f"{each.arg}={ast.unparse(each.value)}" for each in kept]
        text = f"await {uow}.change({', '.join([*values, *words])})"
    return ast.parse(text, mode="eval").body


def _counted_names(function: ast.AST) -> Iterator[str]:
    """The names to which a function assigns the number of rows that a write changed."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Await):
            call = node.value.value
            if isinstance(call, ast.Call) and (
                _called(call) in {"change", "execute"} or _called(call).startswith("end_")
            ):
                yield from (each.id for each in node.targets if isinstance(each, ast.Name))


def _refusal_kind(body: list[ast.stmt]) -> str | None:
    last = body[-1]
    if isinstance(last, ast.Raise) and last.exc is not None:
        called = _called(last.exc) if isinstance(last.exc, ast.Call) else ast.unparse(last.exc)
        if called == "otherwise":
            return "row count"
        if called.lstrip("_") == "fault" or called.startswith(("unknown_", "_unknown")):
            return None
        # A function that makes the error: what it says is about a state.
        return "state" if isinstance(last.exc, ast.Call) and called.islower() else ERRORS.get(called)
    value = last.value if isinstance(last, ast.Expr) else None
    call = value.value if isinstance(value, ast.Await) else value
    if isinstance(call, ast.Call) and REFUSAL_CALL.match(_called(call)):
        return "sight"
    return None


def _is_existence(test: ast.expr) -> bool:
    """`x is None`: without it the code falls over x, and nothing is given away."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.ops[0], ast.Is)
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value is None
    )


def _is_of_uow(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "uow"


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _one_line(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())
