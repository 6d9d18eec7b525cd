"""After the return: what was found, and what was decided where something was damaged."""

from server.assets.ops import asset_facts, finish_inspection, lock_assets
from server.circulation.access import get_borrowing_for_damage, get_borrowing_for_desk, lock_line, require_state
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checklists import tick_back
from server.circulation.checks import LONGEST_TEXT, fault
from server.circulation.lines import LineState, line_state
from server.circulation.losses.compensation import check_amount, claim_damage
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.progress import settle, tell_applicant
from server.circulation.queries.detail import read_borrowing
from server.circulation.rules import collecting_days
from server.circulation.states import INSPECTION_NAMES, BorrowingState
from server.circulation.types import BorrowingView, InspectReturn, ResolveDamage
from server.files.ops import require_own_picture, share_file
from server.identity.ops import unit_facts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import to_day_number
from server.kernel.unit_of_work import UnitOfWork

# New is what nobody has used; ordinary wear (正常磨损) makes it good, and leaves the others what they are.
_WORN = {"new": "good"}
_BEGUN = (BorrowingState.ISSUED, BorrowingState.RETURNED, BorrowingState.INSPECTED)
_DESTINATIONS = {"back_to_use": ("home", "usable"), "repair": ("repair", "damaged")}


@command("borrowing.inspect")
async def inspect_return(uow: UnitOfWork, actor: Actor, request: InspectReturn) -> BorrowingView:
    """Note what was found on a returned thing. Intact or worn, it goes home; damaged, it stays at the desk until
    somebody decides. With its last thing settled the borrowing is closed.

    For the keeper of the place or the holder's asset manager. Raises InvalidInput (`borrowing.damage_needs_note`,
    `borrowing.damage_needs_picture`, `file.unknown`, and of the checklist as `checklists.tick_back`); NotFound
    `borrowing.not_found`; Forbidden `role.required`; StateConflict `borrowing.wrong_state`,
    `borrowing.asset_not_on_it`, `borrowing.not_to_inspect`, `borrowing.accessories_ticked`.
    """
    note = _checked(request)
    borrowing = await get_borrowing_for_desk(uow, actor, request.borrowing_id)
    require_state(borrowing, *_BEGUN)
    line = await lock_line(uow, borrowing, request.asset_id)
    if line_state(line) is not LineState.RETURNED:
        raise StateConflict("borrowing.not_to_inspect")
    if request.picture_id is not None:
        await require_own_picture(uow, actor, request.picture_id)
        # The borrower's side sees what it may have to answer for.
        await share_file(uow, request.picture_id, borrowing.borrower_unit_id, borrowing.holder_unit_id)
    lacking = await tick_back(uow, line, request.accessories)
    await _note(uow, line, request.result, note, request.picture_id)
    said = (
        INSPECTION_NAMES[request.result] + (f"：{note}" if note else "") + (f"；缺配件：{lacking}" if lacking else "")
    )
    if request.result == "damaged":
        await settle(uow, borrowing, note=said[:LONGEST_TEXT])
        body = f"{line.asset_name}：{said}。请与出借单位联系处理。"
        await tell_applicant(uow, borrowing, f"{borrowing.number} 归还时发现损坏", body, about=f"damaged.{line.id}")
    else:
        await _bring_home(uow, borrowing, line, request.result, said)
    await uow.record(
        "borrowing.inspect",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        asset_code=line.asset_code,
        result=request.result,
        **({"lacking": lacking} if lacking else {}),
    )
    return await read_borrowing(uow, actor, borrowing.id)


@command("borrowing.inspect_rest")
async def inspect_rest(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> BorrowingView:
    """Note of everything that is back and not inspected that it is intact: it goes home.

    For the keeper of the place or the holder's asset manager. Raises NotFound `borrowing.not_found`; Forbidden
    `role.required`; StateConflict `borrowing.wrong_state`, `borrowing.not_to_inspect`.
    """
    borrowing = await get_borrowing_for_desk(uow, actor, borrowing_id)
    require_state(borrowing, *_BEGUN)
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    back = [line for line in lines if line_state(line) is LineState.RETURNED]
    if not back:
        raise StateConflict("borrowing.not_to_inspect")
    back = await uow.lock_all(BorrowingLine, [line.id for line in back])
    for line in back:
        await _let_next_collect(uow, borrowing, line.asset_id)
    said = INSPECTION_NAMES["intact"]
    for card in await lock_assets(uow, [line.asset_id for line in back]):
        await finish_inspection(
            uow, card.id, to="home", condition=card.condition, reason=said, document_no=borrowing.number
        )
        uow.publish_after_commit(BOARD_CHANNEL, card.id)
    for line in back:
        await _note(uow, line, "intact", "", None)
    await settle(uow, borrowing, note=f"{len(back)} 件{said}")
    codes = [line.asset_code for line in back]
    await uow.record("borrowing.inspect_rest", "borrowing", borrowing.id, number=borrowing.number, asset_codes=codes)
    return await read_borrowing(uow, actor, borrowing.id)


async def _note(uow: UnitOfWork, line: BorrowingLine, result: str, note: str, picture_id: str | None) -> None:
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "inspected_at": None},
        otherwise=StateConflict("record.changed"),
        inspected_at=await uow.now(),
        inspected_by=uow.actor.person_id,
        inspection_result=result,
        inspection_note=note,
        inspection_picture_id=picture_id,
    )


def _checked(request: InspectReturn) -> str:
    checks = Checks()
    note = checks.text("note", request.note, longest=LONGEST_TEXT, shortest=0)
    if request.result not in INSPECTION_NAMES:
        checks.fault("result", "input.not_a_choice")
    if request.result == "damaged" and not note:
        checks.fault("note", "borrowing.damage_needs_note")
    if request.result == "damaged" and not request.picture_id:
        checks.fault("picture_id", "borrowing.damage_needs_picture")
    checks.finish()
    return note


async def _bring_home(uow: UnitOfWork, borrowing: Borrowing, line: BorrowingLine, result: str, said: str) -> None:
    card = await asset_facts(uow, line.asset_id)
    assert card is not None
    condition = _WORN.get(card.condition, card.condition) if result == "worn" else card.condition
    await _let_next_collect(uow, borrowing, card.id)
    await finish_inspection(
        uow, card.id, to="home", condition=condition, reason=said[:200], document_no=borrowing.number
    )
    await settle(uow, borrowing, note=said[:LONGEST_TEXT])
    uow.publish_after_commit(BOARD_CHANNEL, card.id)


async def _let_next_collect(uow: UnitOfWork, borrowing: Borrowing, asset_id: str) -> None:
    """Whoever could not collect because the thing was still out gets the full time for collecting from today.

    Called before the card is locked: borrowings come first in the lock order.
    """
    day = await today(uow)
    holder = await unit_facts(uow, borrowing.holder_unit_id)
    collect_by = await collecting_days(uow, borrowing.policy_version_id, holder.region_path, day)
    await uow.execute(
        "UPDATE borrowing SET collect_by = ?, version = version + 1 WHERE state IN ('approved', 'ready')"
        " AND from_day <= ? AND collect_by < ? AND id IN (SELECT borrowing_id FROM borrowing_line WHERE asset_id = ?)",
        to_day_number(collect_by),
        to_day_number(day),
        to_day_number(collect_by),
        asset_id,
    )


@command("borrowing.resolve_damage")
async def resolve_damage(uow: UnitOfWork, actor: Actor, request: ResolveDamage) -> BorrowingView:
    """Record what was decided about damage; the thing goes back to use or into repair.

    For the holder's asset manager, operations or the department above; where the borrower's unit pays, not for whoever
    found the damage.
    Raises InvalidInput (`borrowing.which_damaged`); NotFound `borrowing.not_found`; Forbidden `role.required`,
    `loss.own_report`; StateConflict `borrowing.wrong_state`, `borrowing.not_damaged`, `borrowing.asset_not_on_it`.
    """
    decision = _checked_decision(request)
    borrowing = await get_borrowing_for_damage(uow, actor, request.borrowing_id)
    line = await _lock_damaged(uow, borrowing, request.asset_id)
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "damage_decided_at": None},
        otherwise=StateConflict("record.changed"),
        damage_decision=decision,
        damage_decided_at=await uow.now(),
        damage_decided_by=actor.person_id,
    )
    to, condition = _DESTINATIONS[request.to]
    if to == "home":
        await _let_next_collect(uow, borrowing, line.asset_id)
    await finish_inspection(
        uow,
        line.asset_id,
        to="home" if to == "home" else "repair",
        condition=condition,
        reason=decision[:200],
        document_no=borrowing.number,
    )
    await settle(uow, borrowing, note=decision)
    body = f"{line.asset_name}，处理意见：{decision}"
    await tell_applicant(uow, borrowing, f"{borrowing.number} 的损坏已处理", body, about=f"settled.{line.id}")
    if request.compensation_fen:
        await claim_damage(uow, borrowing, line, decision, request.compensation_fen)
    await uow.record(
        "borrowing.resolve_damage",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        asset_code=line.asset_code,
        to=request.to,
        amount_fen=request.compensation_fen,
    )
    uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)
    return await read_borrowing(uow, actor, borrowing.id)


async def _lock_damaged(uow: UnitOfWork, borrowing: Borrowing, asset_id: str | None) -> BorrowingLine:
    """The line about whose damage somebody decides: the one that is named, or the only one there is."""
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    damaged = [line for line in lines if line_state(line) is LineState.DAMAGED]
    if not damaged:
        require_state(borrowing)
    if asset_id is None and len(damaged) > 1:
        raise fault("asset_id", "borrowing.which_damaged")
    line = await lock_line(uow, borrowing, asset_id or damaged[0].asset_id)
    if line_state(line) is not LineState.DAMAGED:
        raise StateConflict("borrowing.not_damaged")
    return line


def _checked_decision(request: ResolveDamage) -> str:
    checks = Checks()
    decision = checks.text("decision", request.decision, longest=200)
    note = checks.text("note", request.note, longest=290, shortest=0)
    if request.to not in _DESTINATIONS:
        checks.fault("to", "input.not_a_choice")
    check_amount(checks, "compensation_fen", request.compensation_fen)
    checks.finish()
    return f"{decision}（{note}）" if note else decision
