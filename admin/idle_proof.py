"""出具闲置证明: a reason for every idle thing that was found, equal things of one holder together."""

from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.need_words import need_facts
from admin.needs import require_mine
from server.circulation.types import IdleHit
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, StateConflict
from server.procurement.commands import issue_proof
from server.procurement.queries import need_view
from server.procurement.states import REFUSAL_NAMES, Refusal
from server.procurement.types import HitRefusal, IdleSearchView, IssueProof, NeedView
from server.web.parts import Link, Option
from server.web.sessions import actor_of

REASONS = tuple(Option(reason, name) for reason, name in REFUSAL_NAMES.items())
LONGEST_WORDS = 200


@door.get("/needs/<need_id>/proof", summary="出具闲置证明")
async def draw_proof(request: Request, need_id: str) -> HTTPResponse:
    """What was found, and beside each why it is not taken."""
    return await draw_form(request, _sheet(await _provable(request, need_id)))


@door.post("/needs/<need_id>/proof", summary="出具闲置证明")
async def make_proof(request: Request, need_id: str) -> HTTPResponse:
    """Make the proof."""
    view = await _provable(request, need_id)
    assert view.search is not None
    groups = groups_of(view.search)

    async def act(actor: Actor, form: msgspec.Struct) -> Done:
        typed = msgspec.structs.asdict(form)
        wanted = IssueProof(search_id=typed["search_id"], refusals=_refusals(groups, typed))
        try:
            done = await issue_proof(actor, need_id, wanted)
        except InvalidInput as error:
            raise InvalidInput(error.code, fields=[_beside(groups, fault) for fault in error.fields]) from error
        assert done.proof is not None
        return Done(f"/admin/needs/{need_id}", f"已出具闲置证明 {done.proof.document.number}。")

    return await answer_form(request, _sheet(view), _form_type(len(groups)), act)


async def _provable(request: Request, need_id: str) -> NeedView:
    view = await need_view(actor_of(request), need_id)
    require_mine(view, can_do=view.can_search)
    if view.search is None:
        raise StateConflict("need.proof_missing")
    return view


def groups_of(search: IdleSearchView) -> list[list[IdleHit]]:
    """Equal things that one unit offers: one reason holds for all of them."""
    groups: dict[tuple[str, str, str], list[IdleHit]] = {}
    for hit in search.hits:
        groups.setdefault((hit.name, hit.holder_unit_name, hit.condition), []).append(hit)
    return list(groups.values())


def _form_type(count: int) -> type[msgspec.Struct]:
    fields: list[Any] = [("search_id", str, "")]
    for number in range(count):
        fields += [(f"reason_{number}", str, ""), (f"words_{number}", str, "")]
    return msgspec.defstruct("ProofForm", fields, frozen=True)


def _refusals(groups: list[list[IdleHit]], typed: dict[str, str]) -> tuple[HitRefusal, ...]:
    faults = [
        FieldError(f"reason_{number}", "proof.reason_missing", row=number + 1)
        for number in range(len(groups))
        if typed[f"reason_{number}"] not in REFUSAL_NAMES
    ]
    if faults:
        raise InvalidInput(fields=faults)
    return tuple(
        HitRefusal(
            listing_id=hit.listing_id,
            reason=Refusal(typed[f"reason_{number}"]),
            words=typed[f"words_{number}"],
        )
        for number, group in enumerate(groups)
        for hit in group
    )


def _beside(groups: list[list[IdleHit]], fault: FieldError) -> FieldError:
    """A fault of one hit, under the control of the group that it stands in."""
    parts = fault.field.split(".")
    if parts[0] != "refusals":
        return fault
    sizes = [number for number, group in enumerate(groups) for _ in group]
    # The command counts hits in the order of the search, the form groups.
    number = sizes[min(int(parts[1]), len(sizes) - 1)]
    data = {**fault.data, "row": number + 1} if "row" in fault.data else fault.data
    return FieldError(f"{'words' if len(parts) > 2 else 'reason'}_{number}", fault.code, **data)


def _sheet(view: NeedView) -> FormPage:
    assert view.search is not None
    groups, address = groups_of(view.search), f"/admin/needs/{view.id}"
    count = len(view.search.hits)
    return FormPage(
        title=f"出具闲置证明：{view.item}",
        lead=f"检索到 {count} 件可能适用的闲置资产，请逐项写明不采用的理由；能用的请回去直接借用。"
        if count
        else "没有检索到匹配的闲置资产，确认后即出具证明。",
        action=f"{address}/proof",
        hidden={"search_id": view.search.id},
        fields=tuple(field for number, group in enumerate(groups) for field in _fields(number, group)),
        submit="出具证明",
        back=Link("返回", address),
        facts=need_facts(view),
        crumbs=(Link("购置需求与闲置证明", "/admin/needs"), Link(view.item, address), Link("出具闲置证明")),
        draft=f"proof-{view.search.id}",
    )


def _fields(number: int, group: list[IdleHit]) -> tuple[Field, ...]:
    hit = group[0]
    pieces = f" {len(group)} 件" if len(group) > 1 else ""
    label = f"{number + 1}. {hit.name}{pieces}，{hit.holder_unit_name}，{hit.condition_name}"
    return (
        Field(name=f"group_{number}", label=label, kind="heading"),
        Field(name=f"reason_{number}", label="不采用的理由", kind="select", options=REASONS),
        Field(
            name=f"words_{number}",
            label="具体情况",
            help="选“有保密或安全要求”“持有单位不同意”“其他”时必填。",
            maxlength=LONGEST_WORDS,
            required=False,
        ),
    )
