"""Recording what a unit means to buy, taking it back, and ending it because the thing was had by transfer."""

from server.approvals.ops import cancel_chain
from server.classification.queries import category
from server.classification.types import CategoryFacts
from server.identity.access import require_person
from server.identity.ops import unit_facts
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import Forbidden, NotFound
from server.kernel.unit_of_work import UnitOfWork
from server.procurement.access import RECORDERS, SUBJECT, find_need_for_work, get_need_for_work
from server.procurement.models import PurchaseNeed
from server.procurement.progress import advance
from server.procurement.queries.needs import read_need
from server.procurement.states import OPEN, NeedState
from server.procurement.types import NeedView, RecordNeed

MOST_PIECES = 10_000
MOST_FEN = 10**13
_SHORTEST = 2


@command("need.record")
async def record_need(uow: UnitOfWork, actor: Actor, request: RecordNeed) -> NeedView:
    """Note what the actor's unit means to buy; nothing is asked of anybody yet.

    Raises InvalidInput naming every wrong field; Forbidden `role.required`, `need.unit_inactive`.
    """
    applicant_id = require_person(actor)
    require_role(actor, *RECORDERS)
    assert actor.unit_id is not None
    unit = await unit_facts(uow, actor.unit_id)
    if not unit.is_active:
        raise Forbidden("need.unit_inactive")
    kind, texts = await _checked(uow, request)
    need = PurchaseNeed(
        applicant_id=applicant_id,
        applicant_name=actor.person_name,
        unit_id=unit.id,
        unit_name=unit.name,
        unit_path=unit.path,
        category_code=kind.code,
        category_name=kind.name,
        quantity=request.quantity,
        budget_fen=request.budget_fen,
        needed_by=request.needed_by,
        is_emergency=request.is_emergency,
        state=NeedState.DRAFT.value,
        created_at=await uow.now(),
        **texts,
    )
    await uow.add(need)
    await uow.record(
        "need.record",
        SUBJECT,
        need.id,
        item=need.item,
        category_code=need.category_code,
        quantity=need.quantity,
        budget_fen=need.budget_fen,
        is_emergency=need.is_emergency,
    )
    return await read_need(uow, actor, need.id)


async def _checked(uow: UnitOfWork, request: RecordNeed) -> tuple[CategoryFacts, dict[str, str]]:
    checks = Checks()
    texts = {
        "item": checks.text("item", request.item, longest=64),
        "specification": checks.text("specification", request.specification, longest=500, shortest=_SHORTEST),
        "purpose": checks.text("purpose", request.purpose, longest=500, shortest=_SHORTEST),
        "emergency_reason": checks.text("emergency_reason", request.emergency_reason, longest=500, shortest=0),
    }
    if request.is_emergency and len(texts["emergency_reason"]) < _SHORTEST:
        checks.fault("emergency_reason", "need.emergency_reason")
    if not 1 <= request.quantity <= MOST_PIECES:
        checks.fault("quantity", "need.quantity", limit=MOST_PIECES)
    if not 1 <= request.budget_fen <= MOST_FEN:
        checks.fault("budget_fen", "need.budget", limit=MOST_FEN // 1_000_000)
    if request.needed_by < await today(uow):
        checks.fault("needed_by", "need.needed_in_past")
    kind = await _category(uow, request.category_code)
    if kind is None:
        checks.fault("category_code", "category.not_found")
    checks.finish()
    assert kind is not None
    return kind, texts


async def _category(uow: UnitOfWork, code: str) -> CategoryFacts | None:
    try:
        return await category(uow, code[:13])
    except NotFound:
        return None


@command("need.withdraw")
async def withdraw_need(uow: UnitOfWork, actor: Actor, need_id: str, reason: str) -> NeedView:
    """Take a need back before it is decided.

    Raises InvalidInput; NotFound `need.not_found`; Forbidden `role.required`; StateConflict `need.wrong_state`.
    """
    return await _end(uow, actor, need_id, NeedState.WITHDRAWN, reason, "reason", OPEN)


@command("need.meet")
async def meet_need(uow: UnitOfWork, actor: Actor, need_id: str, how: str) -> NeedView:
    """The thing was had by transfer or loan, so nothing is bought. Raises as `withdraw_need`."""
    return await _end(uow, actor, need_id, NeedState.MET, how, "how", (*OPEN, NeedState.APPROVED))


async def _end(
    uow: UnitOfWork,
    actor: Actor,
    need_id: str,
    state: NeedState,
    note: str,
    field: str,
    allowed: tuple[NeedState, ...],
) -> NeedView:
    checks = Checks()
    note = checks.text(field, note, longest=500, shortest=_SHORTEST)
    checks.finish()
    await find_need_for_work(uow, actor, need_id)
    await cancel_chain(uow, SUBJECT, need_id)
    need = await get_need_for_work(uow, actor, need_id, *allowed)
    await advance(uow, need, state, end_note=note, ended_at=await uow.now())
    await uow.record(f"need.{'meet' if state is NeedState.MET else 'withdraw'}", SUBJECT, need.id, note=note)
    return await read_need(uow, actor, need.id)
