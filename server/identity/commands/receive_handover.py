"""The receiver's signature on a handover list: by their own login, or on paper, recorded by whoever saw it."""

import msgspec

from server.identity.access import require_over_person, require_person
from server.identity.checks import FieldChecks
from server.identity.models import Handover, Person
from server.identity.roles import Role
from server.identity.types import HandoverView
from server.identity.views import handover_views
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class ReceiveHandover(msgspec.Struct, frozen=True):
    """The list, and the receiver's name as it is signed."""

    handover_id: str
    signed_name: str


@command("handover.receive")
async def receive_handover(uow: UnitOfWork, actor: Actor, request: ReceiveHandover) -> HandoverView:
    """Sign for what was handed over: the receiver by typing their name, or an asset manager or system administrator
    over them who has the signed paper; never whoever handed over.

    Raises InvalidInput (`signed_name`: `handover.other_name`), Forbidden `role.required`, `handover.own_list`, NotFound
    `record.not_found`, StateConflict `handover.received`.
    """
    signer = require_person(actor)
    checks = FieldChecks()
    checks.text("signed_name", request.signed_name, 64)
    checks.finish()
    handover = await uow.find(Handover, id=request.handover_id)
    if handover is None:
        raise NotFound("record.not_found")
    is_receiver = signer == handover.to_person_id
    if not is_receiver:
        await require_over_person(uow, actor, handover.to_person_id, Role.ASSET_MANAGER, Role.SYSTEM_ADMIN)
        if signer == handover.from_person_id:
            raise Forbidden("handover.own_list")
    receiver = await uow.find(Person, id=handover.to_person_id)
    if receiver is None or request.signed_name.strip() != receiver.name:
        raise InvalidInput(fields=[FieldError("signed_name", "handover.other_name")])
    await uow.change_one(
        Handover,
        {"id": handover.id, "received_at": None},
        otherwise=StateConflict("handover.received"),
        received_at=await uow.now(),
        received_by=signer,
        is_received_on_paper=not is_receiver,
    )
    await uow.record(
        "handover.received", "person", handover.to_person_id, list_id=handover.id, is_on_paper=not is_receiver
    )
    return (await handover_views(uow, "h.id = ?", handover.id))[0]
