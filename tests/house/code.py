"""Rules on the code itself: money, time, swallowed errors, size."""

import ast
import re
from collections.abc import Iterator

from tests.house.findings import Finding, Source, called_name, dotted

MONEY = re.compile(
    r"(^|_)(fen|yuan|money|amount|price|prices|deposit|refund|fee|cost|balance|budget|ceiling|subtotal)(_|$)",
    re.IGNORECASE,
)
BLIND = {"Exception", "BaseException"}
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
NAIVE_CLOCKS = {"utcnow", "utcfromtimestamp"}
CLOCKS = {"now", "fromtimestamp"}


def money_as_float(source: Source) -> Iterator[Finding]:
    """Money is integer fen: a float of it, or a true division, loses a fen sooner or later."""
    if not source.is_product:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) == "float" and any(names_money(arg) for arg in node.args):
            yield Finding(source.path, node.lineno, "money-float", "float() of money; keep integer fen")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and names_money(node.left):
            yield Finding(source.path, node.lineno, "money-float", "true division of money; use // or divmod on fen")
        elif isinstance(node, (ast.AnnAssign, ast.arg)) and is_float_money(node):
            yield Finding(source.path, node.lineno, "money-float", "money annotated as float; keep integer fen")


def is_float_money(node: ast.AnnAssign | ast.arg) -> bool:
    name = node.arg if isinstance(node, ast.arg) else dotted(node.target)
    annotation = node.annotation
    words = {dotted(part) for part in ast.walk(annotation)} if annotation is not None else set()
    return "float" in words and is_money(name)


def names_money(node: ast.AST) -> bool:
    return any(is_money(dotted(part)) for part in ast.walk(node) if isinstance(part, (ast.Name, ast.Attribute)))


def is_money(name: str) -> bool:
    return bool(MONEY.search(name.rsplit(".", 1)[-1]))


def naive_datetime(source: Source) -> Iterator[Finding]:
    """A moment without a zone means another moment on another machine."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        *base, last = called_name(node).split(".")
        is_of_datetime = bool(base) and base[-1] in {"datetime", "dt"}
        has_zone = len(node.args) >= (1 if last == "now" else 2) or any(word.arg == "tz" for word in node.keywords)
        if (is_of_datetime and last in CLOCKS and not has_zone) or last in NAIVE_CLOCKS:
            yield Finding(source.path, node.lineno, "naive-datetime", f"{called_name(node)}() without a zone")


def swallowed_error(source: Source) -> Iterator[Finding]:
    """A blind except says why in a comment, and never ends in nothing."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler) or not is_blind(node) or raises_again(node):
            continue
        if all(is_nothing(statement) for statement in node.body):
            yield Finding(source.path, node.lineno, "swallowed-error", "a blind except that does nothing")
        elif not (source.comment_on(node.lineno) or source.comment_on(node.body[0].lineno)):
            yield Finding(source.path, node.lineno, "blind-except", "except Exception needs a comment that says why")


def is_blind(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(dotted(kind).rsplit(".", 1)[-1] in BLIND for kind in kinds)


def raises_again(handler: ast.ExceptHandler) -> bool:
    """It only cleans up: the error goes on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def is_nothing(statement: ast.stmt) -> bool:
    is_ellipsis = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_ellipsis or isinstance(statement, (ast.Pass, ast.Continue))


def long_function(source: Source) -> Iterator[Finding]:
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield Finding(source.path, node.lineno, "long-function", f"{node.name} has {length} lines")


def long_file(source: Source) -> Iterator[Finding]:
    length = len(source.text.splitlines())
    if length > LONGEST_FILE:
        yield Finding(source.path, 1, "long-file", f"{length} lines; a file has one subject")


LINTS = (money_as_float, naive_datetime, swallowed_error, long_function, long_file)
