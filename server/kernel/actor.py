"""Who acts: a person, a device or the system, for one party and (in government) one unit at a time."""

from enum import StrEnum

import msgspec


class ActorKind(StrEnum):
    """What kind of thing acts."""

    PERSON = "person"
    DEVICE = "device"
    SYSTEM = "system"


class PartyKind(StrEnum):
    """What kind of party somebody acts for."""

    GOVERNMENT_UNIT = "government_unit"
    SUPPLIER = "supplier"
    AGENCY = "agency"
    AUCTIONEER = "auctioneer"
    ENTERPRISE = "enterprise"
    NATURAL_PERSON = "natural_person"


class Grant(msgspec.Struct, frozen=True):
    """One role as it is held now: over the acting unit only, or over it and every unit below it."""

    role: str
    is_subtree: bool = False
    # Set when the role is exercised for someone on leave; that person is named in the audit.
    delegated_by: str | None = None


class Actor(msgspec.Struct, frozen=True):
    """Who acts, for whom, and by which request. Made by the door's authentication, never from a request body.

    `unit_path` is the acting unit's place in the tree (`root/…/unit_id/`), so that a subtree is a prefix.
    `region_path` is the unit's region from the province down (`330000/330100/330113/`).
    """

    kind: ActorKind
    person_id: str | None = None
    person_name: str = ""
    unit_id: str | None = None
    unit_name: str = ""
    unit_path: str = ""
    region_path: str = ""
    party_id: str | None = None
    party_kind: PartyKind | None = None
    grants: tuple[Grant, ...] = ()
    session_id: str | None = None
    has_second_factor: bool = False
    request_id: str = ""
    idempotency_key: str | None = None

    def has_role(self, *roles: str) -> bool:
        """Whether the actor holds one of these roles in the acting unit."""
        return any(grant.role in roles for grant in self.grants)

    def grant_for(self, *roles: str) -> Grant | None:
        """The first grant of one of these roles: own ones before delegated ones."""
        held = [grant for grant in self.grants if grant.role in roles]
        return min(held, key=lambda grant: grant.delegated_by is not None, default=None)

    def with_key(self, key: str | None) -> "Actor":
        """The same actor, carrying the idempotency key of one write."""
        return msgspec.structs.replace(self, idempotency_key=key)

    @property
    def idempotency_scope(self) -> str:
        """Whose keys these are: two people's equal keys never meet."""
        return f"{self.kind}:{self.person_id or self.session_id or ''}:{self.unit_id or ''}"


def system_actor(name: str) -> Actor:
    """The product itself, doing a job that nobody asked for by hand; `name` says which."""
    return Actor(kind=ActorKind.SYSTEM, person_name=name, request_id=name)
