"""Regions, units, people, posts and sessions as they are stored."""

from datetime import date, datetime

from tortoise import Model
from tortoise.fields import BooleanField, CharField, IntField, TextField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, InstantField, JsonField, Record, id_field


class Region(Model):
    """An administrative division by its GB/T 2260 code. `path`: codes from the province down, `330000/330100/`."""

    code = CharField(max_length=12, primary_key=True)
    name = CharField(max_length=64)
    parent_code = CharField(max_length=12, null=True)
    level = CharField(max_length=24)
    path = CharField(max_length=96, db_index=True)

    class Meta:
        table = "region"


class Party(Record):
    """Whoever can hold rights and duties here. `kind`: see kernel.actor.PartyKind."""

    kind = CharField(max_length=24)
    name = CharField(max_length=128)
    # Unified social credit code (统一社会信用代码), where the party has one.
    credit_code = CharField(max_length=18, null=True, unique=True)

    class Meta:
        table = "party"


class Unit(Record):
    """A government unit (单位) in the tree. `path`: unit ids from the root down, each followed by a slash."""

    party_id = id_field(unique=True)
    code = CharField(max_length=24, unique=True)
    name = CharField(max_length=128)
    short_name = CharField(max_length=32)
    # organ | people_organisation | public_institution | temporary_body
    kind = CharField(max_length=24)
    region_code = CharField(max_length=12, db_index=True)
    parent_id = id_field(null=True, db_index=True)
    path = CharField(max_length=255, db_index=True)
    # 主管部门 and 财政部门 are answers a unit gives about itself: they steer the approval chain.
    is_finance_authority = BooleanField(default=False)
    is_operator = BooleanField(default=False)
    lead_unit_id = id_field(null=True)
    ends_on = DayField(null=True)
    is_active = BooleanField(default=True)
    version = IntField(default=1)

    class Meta:
        table = "unit"


class UnitHeadcount(Record):
    """How many people a unit may have (编制数) and has within that (编制内实有人数) from a day on. Never edited."""

    unit_id = id_field()
    authorised = IntField()
    staffed = IntField()
    # 涉密单位: some allocation standards differ for it.
    is_confidential = BooleanField(default=False)
    as_of = DayField()
    basis = CharField(max_length=128)
    recorded_by = id_field(null=True)
    # The author's name as it was: it stays readable whatever becomes of the person.
    recorded_by_name = CharField(max_length=64)
    recorded_at = InstantField()

    class Meta:
        table = "unit_headcount"
        indexes = (Index(fields=("unit_id", "as_of", "id")),)


class Person(Record):
    """A person who can log in or be bound to WeChat. Personal fields are encrypted; `phone_index` finds by phone."""

    name = CharField(max_length=64)
    login_name = CharField(max_length=64, null=True, unique=True)
    phone_sealed = CharField(max_length=255, null=True)
    phone_index = CharField(max_length=64, null=True, unique=True)
    password_hash = CharField(max_length=255, null=True)
    must_change_password = BooleanField(default=False)
    totp_sealed = CharField(max_length=255, null=True)
    # The last accepted time step: a code is accepted once.
    totp_step = IntField(default=0)
    is_totp_confirmed = BooleanField(default=False)
    wechat_index = CharField(max_length=64, null=True, unique=True)
    wechat_sealed = CharField(max_length=255, null=True)
    is_active = BooleanField(default=True)
    version = IntField(default=1)
    created_at = InstantField()

    class Meta:
        table = "person"


class LoginFailure(Model):
    """Failed attempts at one secret. `id`: keyed hash of what was guessed at (a login name, a person's second factor,
    an openid's invitations), whether or not such a person exists, so that nobody learns names from the delays."""

    id = CharField(max_length=64, primary_key=True)
    failures = IntField(default=0)
    locked_until = InstantField()
    failed_at = InstantField(db_index=True)

    class Meta:
        table = "login_failure"


class Post(Record):
    """A person's post in a unit: under it the person acts for that unit. One person may have several."""

    person_id = id_field(db_index=True)
    unit_id = id_field(db_index=True)
    title = CharField(max_length=64)
    is_active = BooleanField(default=True)

    class Meta:
        table = "post"
        unique_together = (("person_id", "unit_id"),)


class RoleGrant(Record):
    """A role held through a post, over its unit alone or over the units below too."""

    post_id = id_field(db_index=True)
    role = CharField(max_length=32)
    is_subtree = BooleanField(default=False)
    granted_by = id_field(null=True)
    granted_at = InstantField()
    revoked_at = InstantField(null=True)
    # Why it was given and taken, and who took it.
    reason = CharField(max_length=200, default="")
    revoked_by = id_field(null=True)
    revoke_reason = CharField(max_length=200, default="")

    class Meta:
        table = "role_grant"
        indexes = (Index(fields=("role", "post_id")),)


class Delegation(Record):
    """Leave delegation (代办): dated, for one role in one unit, recorded, never to oneself."""

    from_person_id = id_field(db_index=True)
    to_person_id = id_field(db_index=True)
    unit_id = id_field()
    role = CharField(max_length=32)
    starts_on = DayField()
    ends_on = DayField()
    reason = CharField(max_length=200)
    created_at = InstantField()
    revoked_at = InstantField(null=True)

    class Meta:
        table = "delegation"


class Session(Model):
    """A login. `id`: SHA-256 of the token that only the client has. `channel`: web or mini."""

    id = CharField(max_length=64, primary_key=True)
    person_id = id_field(db_index=True)
    unit_id = id_field(null=True)
    channel = CharField(max_length=8)
    csrf_token = CharField(max_length=64)
    has_second_factor = BooleanField(default=False)
    created_at = InstantField()
    seen_at = InstantField()
    expires_at = InstantField(db_index=True)
    # How long it may rest unused; 0: until it expires.
    idle_seconds = IntField(default=0)
    ended_at = InstantField(null=True)
    user_agent = CharField(max_length=200)

    class Meta:
        table = "session"


class FeedKey(Record):
    """A person's calendar address: the hash of its secret key, and the unit whose business it shows. One a person."""

    person_id = id_field(unique=True)
    unit_id = id_field()
    key_hash = CharField(max_length=64, unique=True)
    made_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "feed_key"


class Invitation(Record):
    """A code by which a WeChat user is bound to a person. `code_index`: keyed hash; the code itself is not stored."""

    person_id = id_field(db_index=True)
    code_index = CharField(max_length=64, unique=True)
    created_by = id_field()
    created_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)

    class Meta:
        table = "invitation"


class Handover(Record):
    """A signed list by which cards, tasks and loans go from one person to another before disabling (条例 15, 22)."""

    from_person_id = id_field(db_index=True)
    to_person_id = id_field()
    unit_id = id_field()
    items = JsonField()
    note = TextField()
    signed_at = InstantField()
    signed_by = id_field()
    # The receiver's signature: by their own login, or on paper, recorded by whoever saw it.
    received_at = InstantField(null=True)
    received_by = id_field(null=True)
    is_received_on_paper = BooleanField(default=False)

    class Meta:
        table = "handover"
        indexes = (Index(fields=("to_person_id", "received_at")),)


class RoleRequest(Record):
    """A role that one administrator or an asset manager asks for a post, for the security administrator to decide."""

    post_id = id_field(db_index=True)
    role = CharField(max_length=32)
    is_subtree = BooleanField(default=False)
    reason = CharField(max_length=200)
    # pending | granted | refused | withdrawn
    state = CharField(max_length=16)
    requested_by = id_field(null=True)
    requested_by_name = CharField(max_length=64)
    requested_at = InstantField()
    decided_by = id_field(null=True)
    decided_by_name = CharField(max_length=64)
    decided_at = InstantField(null=True)
    decision_note = CharField(max_length=200)

    class Meta:
        table = "role_request"
        indexes = (Index(fields=("state", "id")),)


class UnitChange(Record):
    """A reorganisation (单位变更): proposed by one administrator, confirmed by another, then kept for good as the
    record of which unit followed which. `kind`: rename | move | merge | split | close.

    Names and paths are those of the day, for the papers of that day. `to_unit_id`: the unit itself for a new name or a
    closing, the unit above for a move, the successor for a merger or a split.
    """

    kind = CharField(max_length=16)
    # proposed | done | refused | withdrawn
    state = CharField(max_length=16)
    from_unit_id = id_field(db_index=True)
    from_unit_name = CharField(max_length=128)
    from_path = CharField(max_length=255)
    to_unit_id = id_field(db_index=True)
    to_unit_name = CharField(max_length=128)
    to_path = CharField(max_length=255)
    # What goes along in a split: ids of people, and of the places at the top of what goes.
    people: list[str] = JsonField()  # type: ignore[assignment]
    places: list[str] = JsonField()  # type: ignore[assignment]
    # The approval's number (批文).
    document_no = CharField(max_length=64)
    effective_on: date = DayField()  # type: ignore[assignment]
    reason = CharField(max_length=200)
    # How many rows of each kind moved, by what people call them; empty until then.
    moved = JsonField()
    proposed_by = id_field(null=True)
    proposed_by_name = CharField(max_length=64)
    proposed_at = InstantField()
    decided_by = id_field(null=True)
    decided_by_name = CharField(max_length=64)
    decided_at = InstantField(null=True)
    decision_note = CharField(max_length=200)

    class Meta:
        table = "unit_change"
        indexes = (Index(fields=("state", "id")),)
