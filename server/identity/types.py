"""What identity shows and answers with: frozen views, never model instances."""

from datetime import date, datetime
from typing import Any, Protocol

import msgspec

from server.kernel.actor import Actor
from server.kernel.storage.database import Row


class RowSource(Protocol):
    """Whatever raw rows come from: a read session, or an open unit of work."""

    async def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """All rows."""
        ...

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """The first row, or None."""
        ...


class FeedKeyView(msgspec.Struct, frozen=True):
    """A calendar address without its key: whose unit's business it shows, and since when it works."""

    unit_name: str
    made_at: datetime


class NewFeedKey(msgspec.Struct, frozen=True):
    """A calendar address just made; the key is shown once."""

    key: str
    unit_name: str
    made_at: datetime


class RegionView(msgspec.Struct, frozen=True):
    """An administrative division. `path`: codes from the province down, `330000/330100/330113/`."""

    code: str
    name: str
    parent_code: str | None
    level: str
    path: str


class UnitView(msgspec.Struct, frozen=True):
    """A unit (单位). `path`: unit ids from the root down, each followed by a slash."""

    id: str
    code: str
    name: str
    short_name: str
    kind: str
    region_code: str
    region_name: str
    parent_id: str | None
    path: str
    is_finance_authority: bool
    is_operator: bool
    is_active: bool
    ends_on: date | None
    lead_unit_id: str | None
    version: int = 1


class UnitFacts(msgspec.Struct, frozen=True):
    """What other domains decide by. `region_path`: as an actor's, from the province down."""

    id: str
    name: str
    short_name: str
    path: str
    region_code: str
    region_path: str
    is_active: bool
    kind: str
    parent_id: str | None
    ends_on: date | None
    lead_unit_id: str | None
    is_finance_authority: bool
    is_operator: bool
    party_id: str


class Headcount(msgspec.Struct, frozen=True, kw_only=True):
    """编制数 and 编制内实有人数 of a unit from `as_of` on. `basis`: the document that says so."""

    authorised: int
    staffed: int
    is_confidential: bool
    as_of: date
    basis: str
    recorded_by_name: str
    recorded_at: datetime


class RoleView(msgspec.Struct, frozen=True):
    """A role as it is held through a post."""

    role: str
    name: str
    is_subtree: bool


class PostView(msgspec.Struct, frozen=True):
    """One post of a person, with its roles."""

    post_id: str
    unit_id: str
    unit_name: str
    title: str
    roles: list[RoleView]


class PersonView(msgspec.Struct, frozen=True):
    """A person as colleagues see them: the phone only masked (138****1234)."""

    id: str
    name: str
    login_name: str | None
    phone_masked: str | None
    is_active: bool
    posts: list[PostView]
    has_wechat: bool = False
    has_second_factor: bool = False


class SessionGrant(msgspec.Struct, frozen=True):
    """A new session. `token` is shown here and never again; the door puts it into the cookie or the client."""

    token: str
    csrf_token: str
    expires_at: datetime
    needs_second_factor: bool
    must_change_password: bool
    needs_totp_setup: bool


class SessionFacts(msgspec.Struct, frozen=True):
    """A valid session: who acts by it, and what still has to be done before its grants are complete."""

    actor: Actor
    channel: str
    csrf_token: str
    expires_at: datetime
    needs_second_factor: bool
    must_change_password: bool
    needs_totp_setup: bool

    @property
    def is_half_open(self) -> bool:
        """Whether the second factor or a new password is still owed; until then only that can be done."""
        return self.needs_second_factor or self.must_change_password


class SessionView(msgspec.Struct, frozen=True):
    """One of a person's own sessions."""

    id: str
    channel: str
    unit_name: str
    user_agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_current: bool


class TotpSetup(msgspec.Struct, frozen=True):
    """A second factor to be added to an authenticator app. `secret`: base 32; shown until it is confirmed."""

    secret: str
    otpauth_uri: str


class InvitationView(msgspec.Struct, frozen=True):
    """An invitation to bind WeChat; the code is shown once."""

    code: str
    expires_at: datetime


class TemporaryPassword(msgspec.Struct, frozen=True):
    """A password made for somebody else, shown once, to be changed at the next login."""

    password: str


class DelegationView(msgspec.Struct, frozen=True):
    """A leave delegation (代办). `state`: coming, current, ended or revoked."""

    id: str
    from_person_id: str
    from_person_name: str
    to_person_id: str
    to_person_name: str
    unit_id: str
    unit_name: str
    role: str
    role_name: str
    starts_on: date
    ends_on: date
    reason: str
    state: str


class HeldItem(msgspec.Struct, frozen=True):
    """Something a person still holds. `unit_id`: the unit it is held for; empty where that says nothing."""

    kind: str
    id: str
    label: str
    unit_id: str = ""


class HandoverView(msgspec.Struct, frozen=True):
    """A handover list, signed by whoever handed over, and by the receiver once `received_at` is there."""

    id: str
    from_person_id: str
    to_person_id: str
    unit_id: str
    items: list[HeldItem]
    note: str
    signed_at: datetime
    signed_by: str
    from_name: str = ""
    to_name: str = ""
    unit_name: str = ""
    signed_by_name: str = ""
    received_at: datetime | None = None
    received_by_name: str = ""
    is_received_on_paper: bool = False


class RoleRequestView(msgspec.Struct, frozen=True, kw_only=True):
    """A role that was asked for. `state`: pending, granted, refused or withdrawn."""

    id: str
    person_id: str
    person_name: str
    post_id: str
    post_title: str
    unit_id: str
    unit_name: str
    role: str
    role_name: str
    is_subtree: bool
    reason: str
    state: str
    state_name: str
    requested_by_name: str
    requested_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    decision_note: str


class GrantView(msgspec.Struct, frozen=True, kw_only=True):
    """A role as it was given and perhaps taken. `why_wide`: why somebody should look at it again; empty otherwise."""

    person_id: str
    person_name: str
    unit_name: str
    post_title: str
    role: str
    role_name: str
    is_subtree: bool
    reason: str
    granted_by_name: str
    granted_at: datetime
    revoked_by_name: str
    revoked_at: datetime | None
    revoke_reason: str
    why_wide: str = ""


class UnitChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """A change of units (单位变更). `kind`: rename, move, merge, split or close; `state`: proposed, done, refused or
    withdrawn. Names are those of the day it was done; while it waits, today's. `moved`: label and number of each kind
    of thing that moved. `people`, `places`: the names of who and what goes along in a split."""

    id: str
    kind: str
    kind_name: str
    state: str
    state_name: str
    from_unit_id: str
    from_unit_name: str
    to_unit_id: str
    to_unit_name: str
    document_no: str
    effective_on: date
    reason: str
    moved: list[tuple[str, int]]
    people: list[str]
    places: list[str]
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    decision_note: str


class UnitChangePreview(msgspec.Struct, frozen=True):
    """What a waiting change would move, by kind, and why it cannot be made yet (sentences)."""

    moving: list[tuple[str, int]]
    obstacles: list[str]
