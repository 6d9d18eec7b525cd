"""Requests and views of the procurement domain. Days are Asia/Shanghai calendar days, money is integer fen."""

from datetime import date, datetime
from typing import Literal

import msgspec

from server.approvals.types import ChainView
from server.circulation.types import IdleHit
from server.procurement.states import Refusal

RoleView = Literal["mine", "unit"]


class RecordNeed(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be bought. `budget_fen`: for all pieces together. An emergency says why in `emergency_reason`."""

    category_code: str
    item: str
    quantity: int
    specification: str
    purpose: str
    budget_fen: int
    needed_by: date
    is_emergency: bool = False
    emergency_reason: str = ""


class CorrectNeed(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent back, as it should be now: no more pieces and no more money than before. `note`: what the applicant
    has to say to the approvers."""

    need_id: str
    quantity: int
    budget_fen: int
    needed_by: date
    purpose: str
    note: str = ""


class HitRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why one found thing is not taken. `words` are needed where the reason says nothing by itself."""

    listing_id: str
    reason: Refusal
    words: str = ""


class IssueProof(msgspec.Struct, frozen=True, kw_only=True):
    """Make the proof of a search: a reason for every hit."""

    search_id: str
    refusals: tuple[HitRefusal, ...]


class IdleQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and of what. `board_count`: how many things were on the boards that the unit sees."""

    category_code: str
    category_name: str
    item: str
    quantity: int
    specification: str
    scope: str
    board_count: int


class IdleSearchView(msgspec.Struct, frozen=True, kw_only=True):
    """One search with what it found. `is_proven`: a proof was made of it."""

    id: str
    searched_by_name: str
    searched_at: datetime
    query: IdleQuery
    hits: list[IdleHit]
    is_cut: bool
    is_proven: bool


class JudgedHit(msgspec.Struct, frozen=True, kw_only=True):
    """A found thing as it was then, and why it was not taken."""

    hit: IdleHit
    reason: str
    reason_name: str
    words: str


class ProofNeed(msgspec.Struct, frozen=True, kw_only=True):
    """The need as the proof states it."""

    id: str
    item: str
    category_code: str
    category_name: str
    quantity: int
    specification: str
    budget_fen: int
    needed_by: date


class ProofDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a proof says; its text is what the hash is of."""

    number: str
    unit_id: str
    unit_name: str
    need: ProofNeed
    query: IdleQuery
    searched_at: datetime
    searched_by_name: str
    hits: tuple[JudgedHit, ...]
    issued_at: datetime
    issued_by_name: str
    valid_until: date
    policy_version_id: str


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    """A proof. `is_fresh`: it counts today. `is_intact`: its content still has the hash that it was given."""

    id: str
    hash: str
    is_fresh: bool
    is_intact: bool
    document: ProofDocument


class ProofFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof's verification code shows to anybody: enough to compare with the paper, no person."""

    number: str
    unit_name: str
    item: str
    quantity: int
    searched_at: datetime
    hit_count: int
    valid_until: date
    hash: str
    is_intact: bool


class NeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One need in a list."""

    id: str
    number: str | None
    item: str
    category_name: str
    quantity: int
    budget_fen: int
    needed_by: date
    unit_name: str
    applicant_name: str
    state: str
    state_name: str
    created_at: datetime


class NeedView(msgspec.Struct, frozen=True, kw_only=True):
    """A need with its search, its proof, its approvals, and what the viewer may do with it now.

    `exemption_name`: why it needs no proof, or empty. `warnings`: sentences that hold nobody up.
    `is_mine`: the viewer works on it; `can_correct`: it was sent back to the viewer. `version`: what a decision on what
    was shown names.
    """

    id: str
    number: str | None
    applicant_id: str
    applicant_name: str
    unit_id: str
    unit_name: str
    category_code: str
    category_name: str
    item: str
    quantity: int
    specification: str
    purpose: str
    budget_fen: int
    needed_by: date
    is_emergency: bool
    emergency_reason: str
    state: str
    state_name: str
    created_at: datetime
    submitted_at: datetime | None
    end_note: str | None
    exemption_name: str
    warnings: list[str]
    search: IdleSearchView | None
    proof: ProofView | None
    chain: ChainView | None
    version: int = 1
    can_correct: bool = False
    is_mine: bool = False
    can_search: bool = False
    can_issue: bool = False
    can_submit: bool = False
    can_withdraw: bool = False
    can_meet: bool = False
