"""From a version's raw fields to its typed content: unknown fields refused, every wrong one named."""

import re
from typing import Any

import msgspec

from server.identity.roles import ADMINISTRATORS
from server.kernel.checks import Checks, is_refused_character
from server.kernel.errors import InvalidInput
from server.policies.types import CONTENT_TYPES, BorrowingPolicy, CodingPolicy, PolicyContent, SecurityPolicy

_PLACE = re.compile(r" - at `\$?\.?([^`]*)`$")
_NAMED = re.compile(r"Object (missing required|contains unknown) field `([^`]*)`")
_LIMIT = re.compile(r"`(\w+)` (of length )?(>=|<=) (-?\d+)")
# Parts stand apart, so that two series can never run into the same text; the serial comes last.
_PATTERN = re.compile(r"(?:(?:\{category\}|\{unit\}|\{year\}|[A-Za-z0-9]+)[-.])+\{serial\}")


def parse_content(kind: str, raw: dict[str, Any]) -> PolicyContent:
    """The typed content. A version is whole: a missing field is refused. Raises InvalidInput naming every fault."""
    if kind not in CONTENT_TYPES:
        raise InvalidInput(fields=_one("kind", "input.not_a_choice"))
    struct, checks, values = CONTENT_TYPES[kind], Checks(), dict[str, Any]()
    known = {field.name: field for field in msgspec.structs.fields(struct)}
    for name, field in known.items():
        if name not in raw:
            checks.fault(f"content.{name}", "input.required")
            continue
        try:
            values[name] = msgspec.convert(raw[name], field.type)
        except msgspec.ValidationError as error:
            _note(checks, f"content.{name}", str(error))
    for name in raw.keys() - known.keys():
        checks.fault(f"content.{str(name)[:64]}", "input.unknown_field")
    checks.finish()
    content = struct(**values)
    _check_rules(checks, content)
    checks.finish()
    return content


def stored_content(kind: str, text: str) -> PolicyContent:
    """The typed content of a stored version. A field that a later release added takes its default."""
    return msgspec.json.decode(text, type=CONTENT_TYPES[kind])


def _one(field: str, code: str) -> list[Any]:
    checks = Checks()
    checks.fault(field, code)
    return checks.faults


def _note(checks: Checks, field: str, message: str) -> None:
    place = _PLACE.search(message)
    if place and place[1]:
        # msgspec writes `[0].role`; fields are dotted here.
        field += "." + re.sub(r"\[(\d+|\.\.\.)\]", r"\1", place[1].replace("][", "].[")).lstrip(".")
    if named := _NAMED.search(message):
        code = "input.required" if named[1].startswith("missing") else "input.unknown_field"
        checks.fault(f"{field}.{named[2][:64]}", code)
    elif limit := _LIMIT.search(message):
        checks.fault(field, _limit_code(limit[1], bool(limit[2]), limit[3] == ">="), limit=int(limit[4]))
    else:
        checks.fault(field, "input.not_a_choice" if "nvalid enum value" in message else "input.wrong_type")


def _limit_code(type_name: str, is_length: bool, is_lower: bool) -> str:
    if not is_length:
        return "input.too_small" if is_lower else "input.too_large"
    if type_name == "str":
        return "input.too_short" if is_lower else "input.too_long"
    return "policy.too_few" if is_lower else "policy.too_many"


def _check_rules(checks: Checks, content: PolicyContent) -> None:
    if isinstance(content, BorrowingPolicy):
        _check_borrowing(checks, content)
    elif isinstance(content, CodingPolicy):
        if not _PATTERN.fullmatch(content.pattern):
            checks.fault("content.pattern", "policy.pattern")
    elif isinstance(content, SecurityPolicy) and content.web_idle_minutes > content.web_session_hours * 60:
        checks.fault("content.web_idle_minutes", "policy.idle_longer_than_session")


def _check_borrowing(checks: Checks, content: BorrowingPolicy) -> None:
    if list(content.reminder_days) != sorted(set(content.reminder_days)):
        checks.fault("content.reminder_days", "policy.reminders_not_ordered")
    # Nobody approves their own: an application that meets no step would be approved by its applicant.
    if not any(step.when.always for step in content.steps):
        checks.fault("content.steps", "policy.no_unconditional_step")
    for index, step in enumerate(content.steps):
        field = f"content.steps.{index}"
        if step.role in ADMINISTRATORS:
            checks.fault(f"{field}.role", "policy.step_role")
        if not (step.when.always or step.when.crosses_district or step.when.value_at_least_fen):
            checks.fault(f"{field}.when", "policy.no_condition")
        if any(is_refused_character(letter) for letter in step.name):
            checks.fault(f"{field}.name", "input.control_character")
