"""What follows a unit among purchase needs: what is not decided goes on; proofs are papers of their day."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
from server.approvals.ops import move_waiting
from server.identity.ops import ChangeKind, Reorganisation, UnitColumns, follow, keep, on_unit_changed, own_clause
from server.kernel.unit_of_work import UnitOfWork

_OPEN = "state IN ('draft', 'submitted')"
NEEDED = follow(
    UnitColumns(
        table="purchase_need",
        unit_id="unit_id",
        path="unit_path",
        name="unit_name",
        label="未办结的购置需求",
        open=_OPEN,
        held=_OPEN,
        with_people=("applicant_id",),
        has_version=True,
    )
)
for column in ("unit_id", "unit_name"):
    keep("idle_proof", column, "证明是出具当时的单位的")


async def split_approvals(uow: UnitOfWork, change: Reorganisation) -> int:
    """What the needs that go along with their applicants still wait for is asked of the new unit."""
    clause = own_clause(NEEDED, change) if change.kind is ChangeKind.SPLIT else None
    if clause is None:
        return 0
    rows = await uow.fetch_all(f"SELECT id FROM purchase_need WHERE {clause[0]} ORDER BY id", *clause[1])
    return await move_waiting(uow, "purchase_need", [row["id"] for row in rows], change, is_applicant=True)


on_unit_changed("approval_chain", split_approvals)
