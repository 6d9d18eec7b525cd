"""Posts of the wanted board, what others offer, and what was suggested, as they are stored."""

from datetime import date, datetime

from tortoise.fields import BooleanField, CharField, IntField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, InstantField, Record, id_field


class WantedPost(Record):
    """What a unit looks for. `reach_path`: whose people see it, as a region path prefix."""

    unit_id = id_field()
    unit_name = CharField(max_length=128)
    unit_path = CharField(max_length=255)
    # Where the unit is: what is suggested is what its people see on the board.
    region_path = CharField(max_length=96)
    region_name = CharField(max_length=64)
    poster_id = id_field()
    poster_name = CharField(max_length=64)
    title = CharField(max_length=64)
    note = CharField(max_length=500)
    category_code = CharField(max_length=12, null=True)
    category_name = CharField(max_length=128)
    # What a category's codes begin with, so that a new listing finds the posts that it fits.
    category_prefix = CharField(max_length=12, null=True)
    quantity = IntField()
    is_permanent = BooleanField()
    days = IntField(null=True)
    reach_path = CharField(max_length=96)
    # open | met | withdrawn | expired
    state = CharField(max_length=16)
    posted_at: datetime = InstantField()  # type: ignore[assignment]
    # The last day on which it is open.
    expires_on: date = DayField()  # type: ignore[assignment]
    closed_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    # How it was met, or why it was taken back.
    closed_note = CharField(max_length=500, null=True)
    version = IntField(default=1)

    class Meta:
        table = "wanted_post"
        indexes = (
            Index(fields=("state", "reach_path", "id")),
            Index(fields=("state", "expires_on")),
            Index(fields=("unit_path", "id")),
            Index(fields=("poster_id", "id")),
        )


class WantedOffer(Record):
    """Somebody answers a post: one answer a unit. `listing_id`: the thing that they offer, where it is on the board."""

    wanted_id = id_field()
    unit_id = id_field()
    unit_name = CharField(max_length=128)
    offered_by = id_field()
    offered_by_name = CharField(max_length=64)
    words = CharField(max_length=500)
    listing_id = id_field(null=True)
    listing_name = CharField(max_length=160)
    offered_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "wanted_offer"
        unique_together = (("wanted_id", "unit_id"),)


class WantedSuggestion(Record):
    """A listing that fits a post was told to the poster: once."""

    wanted_id = id_field()
    listing_id = id_field()
    suggested_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "wanted_suggestion"
        unique_together = (("wanted_id", "listing_id"),)
