"""What identity is told of applications: they are locked before the things that change hands with them."""

from server.approvals.models import ApprovalChain
from server.identity.ops import HeldItem, register_first_lock
from server.kernel.unit_of_work import UnitOfWork


async def lock_applications(uow: UnitOfWork, items: list[HeldItem]) -> None:
    """Lock the chain of every item that has one, all at once: several domains hand over several applications."""
    chains = [await uow.find(ApprovalChain, subject_kind=item.kind, subject_id=item.id) for item in items]
    await uow.lock_all(ApprovalChain, [chain.id for chain in chains if chain is not None])


register_first_lock(lock_applications)
