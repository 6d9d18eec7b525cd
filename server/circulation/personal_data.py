"""What loans hold about a person: applications with the telephone given for them, and what was handed over."""

from server.circulation.queries.detail import PHONE_FIELD
from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource
from server.kernel.sealed import seal_column
from server.kernel.unit_of_work import UnitOfWork

_BASIS = "国有资产出借档案（行政事业性国有资产管理条例、档案法）"
_ENDED = "state IN ('rejected', 'withdrawn', 'expired', 'closed')"
seal_column("borrowing", "applicant_phone_sealed", PHONE_FIELD)


async def describe_loans(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Borrowings that the person applied for, the telephones in them, and steps by the person."""
    applied = "SELECT COUNT(*) AS number FROM borrowing WHERE applicant_id = ?"
    phones = f"{applied} AND applicant_phone_sealed IS NOT NULL"
    steps = "SELECT COUNT(*) AS number FROM borrowing_event WHERE actor_id = ?"
    listed = "SELECT COUNT(*) AS number FROM asset_listing WHERE listed_by = ?"
    return [
        *await counted(rows, "借用申请", _BASIS, applied, person_id, is_kept=True),
        *await counted(rows, "借用单上的联系电话", "办理借用期间联系所必需；加密保存", phones, person_id),
        *await counted(rows, "借用办理记录", _BASIS, steps, person_id, is_kept=True),
        *await counted(rows, "上架共享的登记", _BASIS, listed, person_id, is_kept=True),
    ]


async def erase_phones(uow: UnitOfWork, person_id: str) -> int:
    """The telephones on loans that have ended: nobody needs to call about them."""
    return await uow.execute(
        "UPDATE borrowing SET applicant_phone_sealed = NULL, version = version + 1"  # noqa: S608 - the condition is ours
        f" WHERE applicant_id = ? AND applicant_phone_sealed IS NOT NULL AND {_ENDED}",
        person_id,
    )


register_personal_data("circulation", describe_loans, erase_phones)
