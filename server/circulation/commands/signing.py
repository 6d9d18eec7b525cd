"""Both sides sign for what was handed out, or taken back."""

from server.circulation.access import get_borrowing_for_desk, require_state
from server.circulation.handing_over import COLUMNS, HANDOVER_NAMES
from server.circulation.models import Borrowing, BorrowingHandover, BorrowingLine
from server.circulation.progress import add_event
from server.circulation.queries.detail import read_borrowing
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingView, SignHandover
from server.files.ops import require_own_picture, share_file
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.unit_of_work import UnitOfWork

_LONGEST_NAME = 64
_SIGNED_IN = (BorrowingState.ISSUED, BorrowingState.RETURNED, BorrowingState.INSPECTED, BorrowingState.CLOSED)


@command("borrowing.sign")
async def sign_handover(uow: UnitOfWork, actor: Actor, request: SignHandover) -> BorrowingView:
    """Keep who signed for everything that went out, or came back, since the last time.

    For the keeper of the place or the holder's asset manager. Raises InvalidInput (`borrowing.sign_own_name`,
    `borrowing.signer_not_receiver`, `file.unknown`); NotFound `borrowing.not_found`; Forbidden `role.required`;
    StateConflict `borrowing.wrong_state`, `borrowing.nothing_to_sign`.
    """
    borrowing = await get_borrowing_for_desk(uow, actor, request.borrowing_id)
    require_state(borrowing, *_SIGNED_IN)
    happened, signed = COLUMNS[request.kind]
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    open_lines = [line for line in lines if getattr(line, happened) is not None and getattr(line, signed) is None]
    if not open_lines:
        raise StateConflict("borrowing.nothing_to_sign")
    other_name = _checked(actor, request, open_lines)
    for name in ("other_signature_id", "keeper_signature_id"):
        await _share(uow, actor, borrowing, getattr(request, name), name)
    handover = BorrowingHandover(
        id=new_id(),
        borrowing_id=borrowing.id,
        kind=request.kind,
        at=await uow.now(),
        pieces=len(open_lines),
        keeper_id=actor.person_id,
        keeper_name=actor.person_name,
        keeper_signature_id=request.keeper_signature_id,
        other_name=other_name,
        other_signature_id=request.other_signature_id,
    )
    await uow.add(handover)
    for line in await uow.lock_all(BorrowingLine, [line.id for line in open_lines]):
        await uow.change_one(
            BorrowingLine,
            {"id": line.id, signed: None},
            otherwise=StateConflict("record.changed"),
            **{signed: handover.id},
        )
    said = f"{HANDOVER_NAMES[request.kind]} {len(open_lines)} 件，{other_name}与{actor.person_name}签字"
    await add_event(uow, borrowing.id, f"signed_{request.kind}", said)
    await uow.record(
        "borrowing.sign",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        kind=request.kind,
        asset_codes=[line.asset_code for line in open_lines],
    )
    return await read_borrowing(uow, actor, borrowing.id)


def _checked(actor: Actor, request: SignHandover, lines: list[BorrowingLine]) -> str:
    checks = Checks()
    other_name = checks.text("other_name", request.other_name, longest=_LONGEST_NAME)
    if checks.text("keeper_name", request.keeper_name, longest=_LONGEST_NAME) != actor.person_name:
        checks.fault("keeper_name", "borrowing.sign_own_name", name=actor.person_name)
    receivers = {line.issued_to for line in lines if line.issued_to}
    if request.kind == "issue" and other_name not in receivers:
        checks.fault("other_name", "borrowing.signer_not_receiver", names="、".join(sorted(receivers)))
    checks.finish()
    return other_name


async def _share(uow: UnitOfWork, actor: Actor, borrowing: Borrowing, file_id: str | None, field: str) -> None:
    if file_id is not None:
        await require_own_picture(uow, actor, file_id, field=field)
        await share_file(uow, file_id, borrowing.borrower_unit_id, borrowing.holder_unit_id)
