"""What an instrumented copy asks before each guard: is it taken out now? And which test came by here?

The copy's code reads `(instead if is_off("…") else guard)`. Environment, so that a product in a process of its own
hears it too: GUARDS_OFF (ids, one a line), GUARDS_REACHED (a file that gets "guard<TAB>test", one a line).
"""

import os
import re

_off = frozenset(filter(None, os.environ.get("GUARDS_OFF", "").split("\n")))
_reached_file = os.environ.get("GUARDS_REACHED", "")
_reached: set[tuple[str, str]] = set()


def is_off(guard: str) -> bool:
    """Whether the guard with this id is taken out."""
    if _reached_file:
        _note(guard)
    return guard in _off


def take_out(guards: list[str]) -> None:
    """Take these guards out in this process and in those it starts; nothing is noted any more."""
    global _off, _reached_file
    os.environ["GUARDS_OFF"] = "\n".join(guards)
    os.environ.pop("GUARDS_REACHED", None)
    _off, _reached_file = frozenset(guards), ""


def note_into(path: str) -> None:
    """Note from now on which test reaches which guard, in this process and in those it starts."""
    global _reached_file  # noqa: PLW0603 -- one switch for the whole process is the point
    os.environ["GUARDS_REACHED"] = _reached_file = path


def _note(guard: str) -> None:
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    if not test or (guard, test) in _reached:
        return
    _reached.add((guard, test))
    handle = os.open(_reached_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, f"{guard}\t{test}\n".encode())
    finally:
        os.close(handle)


def key_id(table: str, columns: str) -> str:
    """The id of a unique key."""
    return f"schema:{table}:unique key:{columns}"


def schema(text: str) -> str:
    """A schema file's text without the unique keys that are taken out."""
    table, lines = "", []
    for line in text.splitlines(keepends=True):
        table = table_of(line) or table
        lines.append(
            _line(table, line) if (columns := unique_columns(line)) and key_id(table, columns) in _off else line
        )
    return "".join(lines)


def table_of(line: str) -> str | None:
    """The table that a line of a schema file begins or puts a unique index on."""
    found = re.search(r"CREATE (?:TABLE|UNIQUE INDEX .* ON) (?:IF NOT EXISTS )?[`\"]?(\w+)", line)
    return None if found is None else found[1]


def unique_columns(line: str) -> str | None:
    """The columns that a line of a CREATE TABLE, or a CREATE UNIQUE INDEX, makes unique, parted by a plus; None where
    it makes none so."""
    if found := re.search(r"UNIQUE(?: KEY [`\"]\w+[`\"]| INDEX .* ON [`\"]?\w+[`\"]?)? \(([^)]*)\)", line):
        return "+".join(re.findall(r"\w+", found[1]))
    if re.search(r"\bUNIQUE\b", line) and (found := re.match(r"\s*[`\"]?(\w+)[`\"]? ", line)):
        return found[1]
    return None


def _line(table: str, line: str) -> str:
    if found := re.search(r"UNIQUE (KEY|INDEX)", line):
        return line.replace(found[0], found[1])
    if re.search(r"UNIQUE \(", line):
        return re.sub(r"UNIQUE \([^)]*\)", "CHECK (1 = 1)", line)
    return re.sub(r" UNIQUE\b", "", line)
