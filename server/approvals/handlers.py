"""What identity is told of applications: they are locked before the things that change hands with them."""

from server.approvals.models import ApprovalChain
from server.approvals.types import OPEN_STATES
from server.identity.ops import register_shared_lock
from server.kernel.unit_of_work import UnitOfWork


async def lock_applications(uow: UnitOfWork, from_id: str) -> None:
    """Lock every open chain of the person, all at once: several domains hand over several applications, and each finds
    its own among them."""
    chains = await uow.find_all(ApprovalChain, applicant_id=from_id, state__in=OPEN_STATES)
    await uow.lock_all(ApprovalChain, [chain.id for chain in chains])


register_shared_lock(ApprovalChain._meta.db_table, lock_applications)
