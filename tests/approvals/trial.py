"""A subject that exists only to be approved: what its domain was told is kept, and it can be made to refuse."""

from server.approvals.ops import open_chain
from server.approvals.planning import BorrowingFacts, plan_steps
from server.approvals.types import OpenChain
from server.identity.ops import unit_facts
from server.identity.types import UnitView
from server.kernel.actor import Actor
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.reading import present
from server.kernel.unit_of_work import UnitOfWork, unit_of_work
from server.policies.queries import borrowing_policy, policy_for

KIND = "trial"
PROJECTOR_FEN = 500_000
told: list[tuple[str, str, str]] = []


async def hear(uow: UnitOfWork, actor: Actor, subject_id: str, outcome: str, opinion: str) -> None:
    """What circulation does for a borrowing; refuses an approval whose opinion says so."""
    if opinion == "资产已借出":
        raise StateConflict("asset.not_available")
    told.append((subject_id, outcome, opinion))


def told_of(subject_id: str) -> list[str]:
    """The outcomes told of one subject, in order."""
    return [outcome for subject, outcome, _ in told if subject == subject_id]


async def apply(applicant: Actor, holder: UnitView, value_fen: int = PROJECTOR_FEN) -> str:
    """Open the chain of an application by the policy that applies; returns the subject's id."""
    subject_id = new_id()
    async with unit_of_work(applicant) as uow:
        holder_unit = await unit_facts(uow, holder.id)
        policy = await policy_for(uow, "borrowing", holder_unit.region_path, present())
        assert applicant.unit_id and applicant.person_id
        applicant_unit = await unit_facts(uow, applicant.unit_id)
        facts = BorrowingFacts(applicant_unit=applicant_unit, holder_unit=holder_unit, value_fen=value_fen)
        await open_chain(
            uow,
            OpenChain(
                subject_kind=KIND,
                subject_id=subject_id,
                title="借用投影仪 爱普生 CB-FH52",
                applicant_id=applicant.person_id,
                applicant_unit=applicant_unit,
                policy_version_id=policy.id,
                steps=await plan_steps(uow, borrowing_policy(policy), facts),
            ),
        )
    return subject_id
