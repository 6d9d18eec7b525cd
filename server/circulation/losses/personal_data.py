"""What cases of lost and damaged things hold about a person: reports, decisions, receipts and steps by the person."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "国有资产损失与赔偿档案（行政事业性国有资产管理条例、档案法）"


async def describe_losses(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Cases that the person reported or decided, and what the person entered in them."""
    cases = "SELECT COUNT(*) AS number FROM loss_case WHERE reported_by = ? OR decided_by = ?"
    payments = "SELECT COUNT(*) AS number FROM loss_payment WHERE recorded_by = ?"
    refunds = "SELECT COUNT(*) AS number FROM loss_refund WHERE recorded_by = ?"
    steps = "SELECT COUNT(*) AS number FROM loss_step WHERE actor_id = ?"
    return [
        *await counted(rows, "遗失与损坏的登记和认定", _BASIS, cases, person_id, person_id, is_kept=True),
        *await counted(rows, "赔偿收据的登记", _BASIS, payments, person_id, is_kept=True),
        *await counted(rows, "退还赔偿的登记", _BASIS, refunds, person_id, is_kept=True),
        *await counted(rows, "遗失与损坏的办理记录", _BASIS, steps, person_id, is_kept=True),
    ]


register_personal_data("losses", describe_losses)
