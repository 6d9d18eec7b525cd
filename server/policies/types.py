"""What the policies domain takes and gives: typed contents per kind, requests, facts and views.

The numbers are the defaults of the built-in version. A jurisdiction replaces them by a version of its own.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from server.identity.roles import Role

YUAN = 100
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]


class StepCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a step is needed: where any of these holds. `value_at_least_fen`: what is lent is worth that or more.

    `crosses_level`: it goes between a city and a district, or a district and a street.
    """

    always: bool = False
    value_at_least_fen: Annotated[int, msgspec.Meta(ge=1, le=10**14)] | None = None
    crosses_district: bool = False
    crosses_level: bool = False


class StepRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of an approval: who (`role`), in which unit (`where`), and when it is needed.

    `is_for_renewal`: whoever decides it decides about renewals too; where no step says so, the holder alone does.
    """

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=64)]
    role: Role
    where: Literal["applicant_unit", "holder_unit", "parent_of_applicant", "finance_of_region"]
    when: StepCondition
    is_for_renewal: bool = False


class BorrowingPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How things are borrowed. Days are calendar days unless named working days.

    Longest 180 days and two renewals are published practice, collection within 3 working days and the reminders our
    defaults (rules: Borrow). `reminder_days`: days from the last day of the loan, or from the end of the event or body
    that it is for, before it negative. `longest_event_days`: what lasts longer than that is no event.
    `compensation_days`: by when a compensation is paid, from its decision. From `write_off_review_yuan` on the
    department above agrees to a write-off too, beside 财政部门.
    `correction_working_days`: for how long what was sent back to be corrected keeps its days, and how comments on an
    application are limited (our defaults).
    """

    longest_days: Days = 180
    most_renewals: Annotated[int, msgspec.Meta(ge=0, le=12)] = 2
    collect_working_days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 3
    reminder_days: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=-60, le=60)], ...], msgspec.Meta(min_length=1, max_length=12)
    ] = (-3, 0, 1, 7)
    booking_ahead_days: Annotated[int, msgspec.Meta(ge=1, le=1095)] = 365
    longest_event_days: Annotated[int, msgspec.Meta(ge=1, le=1095)] = 366
    compensation_days: Days = 30
    write_off_review_yuan: Annotated[int, msgspec.Meta(ge=1, le=10**10)] = 20_000
    correction_working_days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 3
    comment_withdrawal_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 10
    most_comment_pictures: Annotated[int, msgspec.Meta(ge=0, le=9)] = 3
    steps: Annotated[tuple[StepRule, ...], msgspec.Meta(min_length=1, max_length=8)] = (
        StepRule(
            name="本单位审核",
            role=Role.ASSET_MANAGER,
            where="applicant_unit",
            when=StepCondition(always=True),
        ),
        StepRule(
            name="出借方同意",
            role=Role.ASSET_MANAGER,
            where="holder_unit",
            when=StepCondition(always=True),
            is_for_renewal=True,
        ),
        StepRule(
            name="主管部门审核",
            role=Role.COMPETENT_REVIEWER,
            where="parent_of_applicant",
            when=StepCondition(value_at_least_fen=20_000 * YUAN, crosses_district=True),
        ),
        StepRule(
            name="财政部门审核",
            role=Role.FINANCE_REVIEWER,
            where="finance_of_region",
            when=StepCondition(value_at_least_fen=100_000 * YUAN),
        ),
    )


class CodingPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How asset codes are made (rules: Asset life): `{category}`, `{unit}`, `{year}` and `{serial}` are filled in."""

    pattern: Annotated[str, msgspec.Meta(min_length=8, max_length=64)] = "{category}-{unit}-{year}-{serial}"
    serial_digits: Annotated[int, msgspec.Meta(ge=4, le=8)] = 4


class SecurityPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long logins, delays, invitations and delegations last: the figures that identity asks for."""

    web_session_hours: Annotated[int, msgspec.Meta(ge=1, le=72)] = 12
    web_idle_minutes: Annotated[int, msgspec.Meta(ge=5, le=1440)] = 60
    mini_session_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 30
    longest_login_delay_seconds: Annotated[int, msgspec.Meta(ge=60, le=86_400)] = 900
    invitation_days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7
    longest_delegation_days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 90
    least_password_length: Annotated[int, msgspec.Meta(ge=8, le=64)] = 10


class ProcurementPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How needs are met before anything is bought (能调剂不购置): our defaults.

    `proof_valid_days`: for how long after its search an idle proof counts. `most_hits`: more idle things than that are
    not refused one by one; the unit takes one of them. From the two amounts on the department above and 财政部门 agree
    to a purchase. `wanted_days`: how long a post on the wanted board stays open.
    """

    proof_valid_days: Days = 30
    most_hits: Annotated[int, msgspec.Meta(ge=1, le=500)] = 200
    competent_review_yuan: Annotated[int, msgspec.Meta(ge=1, le=10**10)] = 20_000
    finance_review_yuan: Annotated[int, msgspec.Meta(ge=1, le=10**10)] = 100_000
    wanted_days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 60


PolicyContent = BorrowingPolicy | CodingPolicy | SecurityPolicy | ProcurementPolicy
CONTENT_TYPES: dict[str, type[PolicyContent]] = {
    "borrowing": BorrowingPolicy,
    "coding": CodingPolicy,
    "security": SecurityPolicy,
    "procurement": ProcurementPolicy,
}
KIND_NAMES = {"borrowing": "借用", "coding": "资产编号", "security": "登录安全", "procurement": "调剂与购置"}


class PolicyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The version that applies. `region_code` says whose it is (empty: the built-in default)."""

    id: str
    region_code: str
    kind: str
    version: int
    content: PolicyContent


class ChangePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A new version. `content`: every field of the kind. `effective_from`: None for at once; pages give the midnight
    at which a day begins in Shanghai. `document_no`: of the paper that orders it (批文).

    `base_version`: the region's newest version that the author saw (0: none); another one since is `record.changed`.
    """

    region_code: Annotated[str, msgspec.Meta(max_length=12)]
    kind: Literal["borrowing", "coding", "security", "procurement"]
    content: dict[str, Any]
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=500)]
    document_no: Annotated[str, msgspec.Meta(min_length=2, max_length=64)]
    effective_from: datetime | None = None
    base_version: int | None = None


class CancelPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Call off a version before it takes effect."""

    version_id: str
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=500)]


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """One version for the page. `content`: the fields as they are stored. `state`: coming, current, past, cancelled;
    `is_current` says the same of the one that applies."""

    id: str
    region_code: str
    region_name: str
    kind: str
    kind_name: str
    version: int
    effective_from: datetime
    content: dict[str, Any]
    reason: str
    created_by_name: str
    created_at: datetime
    is_current: bool
    document_no: str
    state: str
    cancelled_at: datetime | None = None
    cancelled_by_name: str | None = None
    cancel_reason: str | None = None


class CalendarEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A day that is not what its weekday says."""

    day: date
    is_working: bool
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class LoadCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """Days of one region; a day that is there already is replaced. `source`: the notice that says so."""

    region_code: Annotated[str, msgspec.Meta(max_length=12)]
    source: Annotated[str, msgspec.Meta(min_length=2, max_length=128)]
    days: tuple[CalendarEntry, ...]


class CalendarLoaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did, in days."""

    added: int
    changed: int
    unchanged: int
