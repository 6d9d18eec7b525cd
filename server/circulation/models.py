"""Listings and borrowings as they are stored.

Days and instants are annotated with what they read as; the ORM's types only know the integers below them.
"""

from datetime import date, datetime
from typing import Any

from tortoise import Model
from tortoise.fields import BooleanField, CharField, IntField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, FenField, InstantField, JsonField, Record, id_field


class AssetListing(Record):
    """An asset offered on the sharing board. What the list shows is kept here, so that a page is one indexed read.

    `reach_path`: whose people may see it, as a region path prefix (`330000/330100/` for the whole city).
    `open_key`: the asset's id while open, then empty: unique, so that a card is on the board once.
    """

    asset_id = id_field(db_index=True)
    open_key = CharField(max_length=16, null=True, unique=True)
    is_open = BooleanField(default=True)
    code = CharField(max_length=48)
    name = CharField(max_length=160)
    brand = CharField(max_length=64)
    model = CharField(max_length=64)
    specification = CharField(max_length=255)
    category_code = CharField(max_length=12)
    category_name = CharField(max_length=128)
    condition = CharField(max_length=16)
    value_fen = FenField()
    holder_unit_id = id_field(db_index=True)
    holder_unit_name = CharField(max_length=128)
    region_code = CharField(max_length=12)
    region_name = CharField(max_length=64)
    reach_path = CharField(max_length=96)
    place_id = id_field()
    place_path = CharField(max_length=160)
    place_name = CharField(max_length=255)
    picture_id = id_field(null=True)
    # The same for cards that can stand in for each other (circulation.alike); empty only for what was never copied.
    alike_key = CharField(max_length=32, default="")
    # Lent by the hour too, in slots of so many minutes between two minutes of the day; empty: by the day alone.
    slot_minutes = IntField(null=True)
    opens_minute = IntField(null=True)
    closes_minute = IntField(null=True)
    # Lending terms, in the holder's words.
    terms = CharField(max_length=500)
    longest_days = IntField()
    listed_at: datetime = InstantField()  # type: ignore[assignment]
    listed_by = id_field()
    closed_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    close_reason = CharField(max_length=200, null=True)

    class Meta:
        table = "asset_listing"
        indexes = (
            Index(fields=("is_open", "reach_path", "listed_at", "id")),
            Index(fields=("is_open", "reach_path", "value_fen", "id")),
            Index(fields=("is_open", "reach_path", "category_code", "listed_at", "id")),
            Index(fields=("is_open", "reach_path", "region_code", "listed_at", "id")),
            Index(fields=("is_open", "reach_path", "condition", "listed_at", "id")),
            Index(fields=("is_open", "reach_path", "region_code", "holder_unit_id", "place_id")),
            Index(fields=("alike_key", "is_open", "asset_id")),
        )


class SavedSearch(Record):
    """A search of the board that somebody keeps. `slot`: which of the person's few it is, so that the key bounds them.

    `seen_until`: listings up to this instant have been told, or were there before.
    """

    person_id = id_field()
    slot = IntField()
    unit_id = id_field()
    name = CharField(max_length=60)
    wanted: dict[str, Any] = JsonField()  # type: ignore[assignment]
    wants_notice = BooleanField()
    seen_until: datetime = InstantField()  # type: ignore[assignment]
    created_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "saved_search"
        unique_together = (("person_id", "slot"),)
        indexes = (Index(fields=("wants_notice", "id")),)


class AssetDay(Model):
    """One asset is promised to one borrowing on one day. The primary key is the promise (rules: Availability).

    `id` is `asset_id` + day number, so that the ORM's single key and the rule's pair are the same thing.
    """

    id = CharField(max_length=24, primary_key=True)
    asset_id = id_field()
    day: date = DayField()  # type: ignore[assignment]
    # The calendar day after, so that the end of a run of held days is found inside one query.
    next_day: date = DayField()  # type: ignore[assignment]
    # Empty where the day holds hours, of one borrowing or of several: so many half hours (circulation.hours).
    borrowing_id = id_field(db_index=True)
    slots = IntField(default=0)

    class Meta:
        table = "asset_day"
        unique_together = (("asset_id", "day"),)


class AssetSlot(Model):
    """Half an hour of an asset, promised to one borrowing. The primary key is the promise, as with days.

    `id` is `asset_id` + the half hour's beginning in microseconds.
    """

    id = CharField(max_length=40, primary_key=True)
    asset_id = id_field()
    starts_at: datetime = InstantField()  # type: ignore[assignment]
    borrowing_id = id_field()

    class Meta:
        table = "asset_slot"
        unique_together = (("asset_id", "starts_at"),)
        indexes = (Index(fields=("borrowing_id", "asset_id")),)


class Borrowing(Record):
    """An application to borrow and the loan it becomes. `state`: see circulation.states."""

    # 文号, gapless per borrowing unit and year; two units may share a short name, so it is unique within the unit.
    number = CharField(max_length=48)
    # What is borrowed in a few words: 会议椅 20 件、投影仪.
    title = CharField(max_length=200, default="")
    applicant_id = id_field()
    applicant_name = CharField(max_length=64)
    applicant_phone_sealed = CharField(max_length=255, null=True)
    borrower_unit_id = id_field()
    borrower_unit_name = CharField(max_length=128)
    borrower_unit_path = CharField(max_length=255)
    holder_unit_id = id_field()
    holder_unit_name = CharField(max_length=128)
    holder_unit_path = CharField(max_length=255)
    # Where to collect it: the card's place, kept in step until it is issued. The keeper's desk is a prefix of its path.
    place_id = id_field()
    place_path = CharField(max_length=160)
    place_name = CharField(max_length=255)
    purpose = CharField(max_length=500)
    # What it is for, where that has an end of its own (circulation.occasions): an event, or a temporary body that the
    # borrowing unit leads.
    occasion_id = id_field(null=True, db_index=True)
    for_unit_id = id_field(null=True, db_index=True)
    from_day: date = DayField()  # type: ignore[assignment]
    to_day: date = DayField()  # type: ignore[assignment]
    # By the hour: from when until when of that one day; empty for whole days.
    starts_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    ends_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    state = CharField(max_length=24)
    is_overdue = BooleanField(default=False)
    policy_version_id = id_field()
    submitted_at: datetime = InstantField()  # type: ignore[assignment]
    approved_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    # How the borrower's side wants to get it: pickup | delivery, on which day and half-day (morning | afternoon).
    collection_way = CharField(max_length=12, null=True)
    collection_day: date | None = DayField(null=True)  # type: ignore[assignment]
    collection_half = CharField(max_length=12, null=True)
    delivery_address = CharField(max_length=200, null=True)
    # Sent back to be corrected: the last day for sending it again; after it the borrowing expires.
    correct_by: date | None = DayField(null=True)  # type: ignore[assignment]
    # The last day for collecting once approved; after it the borrowing expires.
    collect_by: date | None = DayField(null=True)  # type: ignore[assignment]
    issued_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    returned_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    closed_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    # The latest reminder sent: days from the last day of the loan, before it negative.
    reminded = IntField(null=True)
    end_reason = CharField(max_length=500, null=True)
    version = IntField(default=1)

    class Meta:
        table = "borrowing"
        unique_together = (("borrower_unit_id", "number"),)
        indexes = (
            Index(fields=("applicant_id", "id")),
            Index(fields=("borrower_unit_path", "id")),
            Index(fields=("holder_unit_path", "id")),
            Index(fields=("place_path", "id")),
            Index(fields=("state", "collect_by")),
            Index(fields=("state", "to_day")),
            Index(fields=("state", "ends_at")),
            Index(fields=("holder_unit_path", "issued_at")),
            Index(fields=("borrower_unit_path", "issued_at")),
            Index(fields=("correct_by",)),
        )


class BorrowingLine(Record):
    """One card of a borrowing, issued and returned by its own code.

    `item`: which line of the application it is for, 1 first: twenty chairs are twenty lines of one item. `alike_key`:
    the equal cards that may be issued in its stead; empty where this very card was asked for.
    """

    borrowing_id = id_field(db_index=True)
    item = IntField(default=1)
    alike_key = CharField(max_length=32, default="")
    asset_id = id_field(db_index=True)
    asset_code = CharField(max_length=48)
    asset_name = CharField(max_length=160)
    value_fen = FenField()
    # The card that was promised, where the keeper issued an equal one.
    instead_of_code = CharField(max_length=48, null=True)
    # Never collected, and its days given back while the rest of the borrowing goes on.
    released_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    issued_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    issued_by = id_field(null=True)
    issued_to = CharField(max_length=64, null=True)
    returned_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    returned_by = id_field(null=True)
    inspected_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    inspected_by = id_field(null=True)
    # intact | worn | damaged
    inspection_result = CharField(max_length=16, null=True)
    inspection_note = CharField(max_length=500, null=True)
    inspection_picture_id = id_field(null=True)
    # Reported lost, and what became of it: somebody was decided to answer for it, or it was found again.
    lost_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    loss_decided_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    found_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    # The records in which both sides signed for it.
    issue_handover_id = id_field(null=True)
    return_handover_id = id_field(null=True)
    # What was decided about damage, by whom: the borrower's unit is charged only through it (rules: Damage).
    damage_decision = CharField(max_length=500, null=True)
    damage_decided_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    damage_decided_by = id_field(null=True)

    class Meta:
        table = "borrowing_line"


class LineAccessory(Record):
    """A part that went out with a card of a borrowing, ticked off one by one: `pieces` belong to it, so many were
    `issued`, and so many `returned` (empty until then)."""

    borrowing_id = id_field(db_index=True)
    line_id = id_field()
    position = IntField()
    name = CharField(max_length=40)
    pieces = IntField()
    issued = IntField()
    returned = IntField(null=True)

    class Meta:
        table = "line_accessory"
        unique_together = (("line_id", "name"),)


class BorrowingHandover(Record):
    """What was handed out or taken back at one time, and signed for by both sides (交接签收). Never changed.

    `kind`: issue | return. A side signs by a drawn picture, or by its full name typed.
    """

    borrowing_id = id_field(db_index=True)
    kind = CharField(max_length=8)
    at: datetime = InstantField()  # type: ignore[assignment]
    pieces = IntField()
    keeper_id = id_field(null=True)
    keeper_name = CharField(max_length=64)
    keeper_signature_id = id_field(null=True)
    # Who takes the things away, or brings them back.
    other_name = CharField(max_length=64)
    other_signature_id = id_field(null=True)

    class Meta:
        table = "borrowing_handover"


class BasketItem(Record):
    """What a person means to apply for together with other things, for one unit. It holds no day of anything."""

    person_id = id_field()
    unit_id = id_field()
    asset_id = id_field()
    # None: this very card; a number: as many equal ones.
    quantity = IntField(null=True)
    added_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "basket_item"
        unique_together = (("person_id", "unit_id", "asset_id"),)


class BorrowingRenewal(Record):
    """An application to keep what is borrowed for longer (续借). Its further days are held from the submission on.

    `state`: pending | approved | rejected | withdrawn | lapsed. `open_key`: the borrowing's id while pending, then
    empty: unique, so that a borrowing has one renewal to decide at a time.
    """

    borrowing_id = id_field(db_index=True)
    open_key = CharField(max_length=16, null=True, unique=True)
    # Which renewal of the borrowing this would be, 1 first.
    ordinal = IntField()
    from_day: date = DayField()  # type: ignore[assignment]
    to_day: date = DayField()  # type: ignore[assignment]
    reason = CharField(max_length=500)
    state = CharField(max_length=16)
    applicant_id = id_field()
    applicant_name = CharField(max_length=64)
    submitted_at: datetime = InstantField()  # type: ignore[assignment]
    # Sent back to be corrected: the last day for sending it again; after it the renewal lapses.
    correct_by: date | None = DayField(null=True)  # type: ignore[assignment]
    decided_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]

    class Meta:
        table = "borrowing_renewal"
        indexes = (Index(fields=("correct_by",)),)


class BorrowingEvent(Record):
    """One step of a borrowing after its submission: what happened, when and by whom. Never changed."""

    borrowing_id = id_field()
    # The state reached, or another step: `handed_over`, `released`, `substituted`, `moved`, `renewal_…`,
    # `renewed`, `sent_back`, `corrected`.
    kind = CharField(max_length=24)
    at: datetime = InstantField()  # type: ignore[assignment]
    actor_id = id_field(null=True)
    actor_name = CharField(max_length=64)
    note = CharField(max_length=500)

    class Meta:
        table = "borrowing_event"
        indexes = (Index(fields=("borrowing_id", "id")),)
