"""What people are told when something about them changed in a domain that cannot tell them itself."""

from typing import Any

from server.kernel.outbox import on_event
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify


@on_event("handover.signed", "notices.tell_receiver")
async def tell_receiver(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """The receiver of a handover list signs for it."""
    await notify(
        uow,
        person_ids=[payload["to_person_id"]],
        title="有一份交接清单等您签收",
        body=f"清单上的 {payload['items']} 项已转到您名下，请核对后签收。",
        link_kind="handover",
        link_id=payload["handover_id"],
        dedupe_key=f"handover.{payload['handover_id']}",
    )
