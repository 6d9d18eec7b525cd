"""Purchase needs, idle searches and idle proofs as they are stored. Searches and proofs are never changed.

Days and instants are annotated with what they read as; the ORM's types only know the integers below them.
"""

from datetime import date, datetime

from tortoise.fields import BooleanField, CharField, IntField, TextField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, FenField, InstantField, JsonField, Record, id_field


class PurchaseNeed(Record):
    """What a unit means to buy. `state`: see procurement.states."""

    # 文号, gapless per unit and year; given when it is submitted.
    number = CharField(max_length=48, null=True)
    applicant_id = id_field()
    applicant_name = CharField(max_length=64)
    unit_id = id_field()
    unit_name = CharField(max_length=128)
    unit_path = CharField(max_length=255)
    category_code = CharField(max_length=12)
    category_name = CharField(max_length=128)
    item = CharField(max_length=64)
    quantity = IntField()
    specification = CharField(max_length=500)
    purpose = CharField(max_length=500)
    budget_fen = FenField()
    needed_by: date = DayField()  # type: ignore[assignment]
    is_emergency = BooleanField(default=False)
    emergency_reason = CharField(max_length=500)
    state = CharField(max_length=16)
    # Sent back to be corrected: it waits for its applicant, not for an approver.
    is_returned = BooleanField(default=False)
    # Why it was submitted without a proof; empty where it had one.
    exemption = CharField(max_length=24, null=True)
    # The proof that counts: the latest one.
    proof_id = id_field(null=True)
    policy_version_id = id_field(null=True)
    created_at: datetime = InstantField()  # type: ignore[assignment]
    submitted_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    ended_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    end_note = CharField(max_length=500, null=True)
    version = IntField(default=1)

    class Meta:
        table = "purchase_need"
        # No unique key over unit and number: merged units of one short name may bring the same one.
        indexes = (
            Index(fields=("applicant_id", "id")),
            Index(fields=("unit_path", "id")),
        )


class IdleSearch(Record):
    """One search for idle things that would meet a need: what was asked, what was searched, what was found then."""

    need_id = id_field()
    searched_by = id_field()
    searched_by_name = CharField(max_length=64)
    searched_at: datetime = InstantField()  # type: ignore[assignment]
    query = JsonField()
    hits = JsonField()
    hit_count = IntField()
    # More was found than can be judged one by one.
    is_cut = BooleanField()

    class Meta:
        table = "idle_search"
        indexes = (Index(fields=("need_id", "id")),)


class IdleProof(Record):
    """The proof of one search (闲置证明): `document` is its whole content as text, `hash` the SHA-256 of that text."""

    # 文号, gapless per unit and year.
    number = CharField(max_length=48)
    need_id = id_field(db_index=True)
    search_id = id_field(unique=True)
    unit_id = id_field()
    unit_name = CharField(max_length=128)
    issued_by = id_field()
    issued_by_name = CharField(max_length=64)
    issued_at: datetime = InstantField()  # type: ignore[assignment]
    valid_until: date = DayField()  # type: ignore[assignment]
    document = TextField()
    hash = CharField(max_length=64)

    class Meta:
        table = "idle_proof"
        unique_together = (("unit_id", "number"),)
