"""Changing a policy: every number a field of its own, the approval steps row by row."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import msgspec
from sanic import HTTPResponse, Request

from admin import messages  # noqa: F401 - its sentences are registered by being imported
from admin.calendar import own_region
from admin.choices import region_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.policies import effective_words, policy_href
from admin.policy_words import FIELD_NAMES, WHERE_NAMES
from server.identity.roles import ADMINISTRATORS, ROLE_NAMES
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound
from server.kernel.instants import start_of_day
from server.kernel.money import format_yuan, parse_yuan
from server.policies.commands import change_policy
from server.policies.queries import list_policies, may_change_policy, policy_history
from server.policies.types import KIND_NAMES, ChangePolicy, PolicyView
from server.web.parts import Link, Option
from server.web.sessions import actor_of

MOST_STEPS = 8
SPARE_STEPS = 2
WHENS = (
    Option("always", "总是"),
    Option("value", "价值达到下面的金额"),
    Option("district", "跨区县"),
    Option("level", "跨层级（市与区县、区县与街道之间）"),
    Option("renewal", "续借时也要"),
)
_ENVELOPE = ("region_code", "base_version", "reason", "document_no", "effective_from")


def _form_type(kind: str) -> type[msgspec.Struct]:
    """The struct that reads a kind's form: all texts, so that what is wrong is told by the domain, with its limits."""
    fields: list[Any] = [(name, str, "") for name in (*_ENVELOPE, *FIELD_NAMES[kind])]
    if kind == "borrowing":
        for index in range(MOST_STEPS):
            fields += [(f"step{index}_{part}", str, "") for part in ("name", "role", "where", "value")]
            fields.append((f"step{index}_when", str | list[str], ""))
    return msgspec.defstruct(f"{kind.title()}Form", fields, frozen=True)


FORM_TYPES = {kind: _form_type(kind) for kind in KIND_NAMES}


@door.get("/policies/<kind>/change", summary="修改政策")
async def draw_policy_change(request: Request, kind: str) -> HTTPResponse:
    """The form, filled with what applies now."""
    return await draw_form(request, await _sheet(request, kind))


@door.post("/policies/<kind>/change", summary="修改政策")
async def add_policy_version(request: Request, kind: str) -> HTTPResponse:
    """Add the region's next version."""

    async def act(actor: Actor, form: msgspec.Struct) -> Done:
        try:
            view = await change_policy(actor, wanted_change(kind, msgspec.structs.asdict(form)))
        except InvalidInput as error:
            raise InvalidInput(error.code, fields=[_beside(field) for field in error.fields]) from error
        return Done(
            policy_href(kind, view.region_code),
            f"已发布{view.kind_name}政策第 {view.version} 版，{effective_words(view)}起生效。",
        )

    return await answer_form(request, await _sheet(request, kind), FORM_TYPES[kind], act)


def wanted_change(kind: str, typed: Mapping[str, Any]) -> ChangePolicy:
    """The command's request from what was typed. Raises InvalidInput naming the fields that are no numbers."""
    faults: list[FieldError] = []
    content: dict[str, Any] = {name: _value(name, typed[name], faults) for name in FIELD_NAMES[kind] if typed[name]}
    if kind == "borrowing":
        indexes = [index for index in range(MOST_STEPS) if typed[f"step{index}_name"]]
        content["steps"] = [_step(typed, index, faults) for index in indexes]
    day = _day(typed["effective_from"], faults)
    if faults:
        raise InvalidInput(fields=faults)
    return ChangePolicy(
        region_code=typed["region_code"],
        kind=cast(Any, kind),
        content=content,
        reason=typed["reason"],
        document_no=typed["document_no"],
        effective_from=start_of_day(day) if day else None,
        base_version=int(typed["base_version"]) if typed["base_version"].isdigit() else None,
    )


def _value(name: str, text: str, faults: list[FieldError]) -> Any:
    if name == "pattern":
        return text
    try:
        if name == "reminder_days":
            return [int(part) for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
        return int(text)
    except ValueError:
        code = "desk.number_list_malformed" if name == "reminder_days" else "input.wrong_type"
        faults.append(FieldError(name, code))
        return None


def _step(typed: Mapping[str, Any], index: int, faults: list[FieldError]) -> dict[str, Any]:
    chosen = typed[f"step{index}_when"]
    chosen = chosen if isinstance(chosen, list) else [chosen]
    fen = parse_yuan(typed[f"step{index}_value"]) if "value" in chosen else None
    if "value" in chosen and fen is None:
        faults.append(FieldError(f"step{index}_value", "desk.amount_malformed"))
    return {
        "name": typed[f"step{index}_name"],
        "role": typed[f"step{index}_role"],
        "where": typed[f"step{index}_where"],
        "when": {
            "always": "always" in chosen,
            "value_at_least_fen": fen,
            "crosses_district": "district" in chosen,
            "crosses_level": "level" in chosen,
        },
        "is_for_renewal": "renewal" in chosen,
    }


def _day(text: str, faults: list[FieldError]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults.append(FieldError("effective_from", "input.not_a_date"))
        return None


def _beside(fault: FieldError) -> FieldError:
    """The same fault under the control that shows it: `content.steps.0.when.…` belongs to `step0_when`."""
    parts = fault.field.removeprefix("content.").replace("[", ".").replace("]", "").split(".")
    if parts[0] == "steps" and len(parts) > 2:
        inner = "value" if parts[-1] == "value_at_least_fen" else parts[2]
        return FieldError(f"step{parts[1]}_{inner}", fault.code, **fault.data)
    name = "step0_name" if parts[0] == "steps" else parts[0]
    return FieldError(name, fault.code, **fault.data)


async def _sheet(request: Request, kind: str) -> FormPage:
    actor = actor_of(request)
    if kind not in KIND_NAMES:
        raise NotFound("policy.not_found")
    if not await may_change_policy(actor, kind):
        raise Forbidden("role.required")
    code = request.args.get("region") or own_region(actor)
    history = await policy_history(actor, code, kind)
    applying = next((view for view in await list_policies(actor) if view.kind == kind), None)
    if applying is None:
        raise NotFound("policy.not_found")
    base = next((view for view in history if view.state != "cancelled"), applying)
    return FormPage(
        title=f"修改{KIND_NAMES[kind]}政策",
        lead="修改即发布新的一版；旧版保留，已提交的申请仍按提交时的版本办理。",
        action=f"/admin/policies/{kind}/change",
        hidden={"base_version": str(history[0].version if history else 0)},
        fields=(
            await _region_field(actor, code),
            *_number_fields(base),
            *(_step_fields(base) if kind == "borrowing" else ()),
            Field(
                name="effective_from", label="生效日期", kind="date", help="当天零点起；留空立即生效。", required=False
            ),
            Field(name="document_no", label="批文", help="依据文件的文号，如 余财资〔2026〕18号。", maxlength=64),
            Field(
                name="reason",
                label="修改理由",
                kind="textarea",
                help="为什么改，会公开显示。",
                maxlength=500,
            ),
        ),
        submit="发布新版",
        back=Link("返回", f"/admin/policies/{kind}"),
        crumbs=(
            Link("政策", "/admin/policies"),
            Link(KIND_NAMES[kind], f"/admin/policies/{kind}"),
            Link("修改"),
        ),
    )


async def _region_field(actor: Actor, code: str) -> Field:
    options = await region_options(own_region(actor)) if own_region(actor) else ()
    return Field(name="region_code", label="适用地区", kind="select", options=options, value=code)


def _number_fields(base: PolicyView) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=name,
            label=label,
            value=_text(base.content.get(name, "")),
            suffix=unit if name not in {"pattern", "reminder_days"} else "",
            short=name not in {"pattern", "reminder_days"},
            help="相对归还日的天数，负数为之前，用逗号隔开。" if name == "reminder_days" else "",
        )
        for name, (label, unit) in FIELD_NAMES[base.kind].items()
        if name in base.content
    )


def _text(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)


def _step_fields(base: PolicyView) -> tuple[Field, ...]:
    steps = list(base.content.get("steps", ()))
    rows = [*steps, *[None] * min(SPARE_STEPS, MOST_STEPS - len(steps))]
    return tuple(field for index, step in enumerate(rows) for field in _one_step(index, step))


def _chosen(step: dict[str, Any] | None) -> tuple[str, ...]:
    """The boxes that are ticked: when a step is needed, and whether renewals need it too."""
    if step is None:
        return ()
    when = step["when"]
    boxes = {
        "always": when.get("always"),
        "value": when.get("value_at_least_fen"),
        "district": when.get("crosses_district"),
        "level": when.get("crosses_level"),
        "renewal": step.get("is_for_renewal"),
    }
    return tuple(value for value, is_on in boxes.items() if is_on)


def _one_step(index: int, step: dict[str, Any] | None) -> tuple[Field, ...]:
    when = step["when"] if step else {}
    fen = when.get("value_at_least_fen")
    roles = tuple(Option(role, name) for role, name in ROLE_NAMES.items() if role not in ADMINISTRATORS)
    title = f"审批步骤 {index + 1}" if step else f"审批步骤 {index + 1}（新增，不需要时留空）"
    name_help = "清空名称即删去这一步。" if step else ""
    return (
        Field(name=f"step{index}", label=title, kind="heading"),
        Field(
            name=f"step{index}_name",
            label="名称",
            value=step["name"] if step else "",
            help=name_help,
            required=False,
            maxlength=64,
        ),
        Field(
            name=f"step{index}_role",
            label="审批人",
            kind="select",
            options=roles,
            value=step["role"] if step else "",
            required=False,
        ),
        Field(
            name=f"step{index}_where",
            label="在哪里",
            kind="select",
            options=tuple(Option(key, name) for key, name in WHERE_NAMES.items()),
            value=step["where"] if step else "",
            required=False,
        ),
        Field(
            name=f"step{index}_when",
            label="什么情况下需要（满足任一）",
            kind="checkboxes",
            options=WHENS,
            value=_chosen(step),
            required=False,
        ),
        Field(
            name=f"step{index}_value",
            label="金额",
            suffix="元",
            short=True,
            inputmode="decimal",
            value=format_yuan(fen) if fen else "",
            required=False,
        ),
    )
