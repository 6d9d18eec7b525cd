"""A town made by commands before the product is started in processes of its own: who may do what, as tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from server.circulation.commands import open_listing
from server.circulation.types import OpeningHours, OpenListing
from server.identity.roles import Role
from server.kernel.instants import shanghai_day
from server.opening import opened
from server.settings import Settings
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, make_chairs, make_hall, make_listed_projector
from tests.factories.identity import make_actor
from tests.support.http import signed_in


@dataclass(frozen=True, slots=True)
class Thing:
    """A projector on the board: what a borrower asks for, and what the desk scans."""

    id: str
    code: str


@dataclass(frozen=True, slots=True)
class Town:
    """Tokens of people with phones, and things to borrow.

    `borrowers` 区文广旅体局; `approvers` its two asset managers; `lender` 区卫健局, whose `things` are on the board;
    `chairs` of the lender are equal; `hourly` is lent by the hour, from 8 to 18.
    """

    borrowers: list[str]
    approvers: list[str]
    lender: str
    things: list[Thing]
    chairs: tuple[Thing, ...] = ()
    hourly: Thing | None = None


async def make_town(
    environment: Mapping[str, str], *, things: int = 1, borrowers: int = 1, chairs: int = 0, has_hourly: bool = False
) -> Town:
    """Fill the empty tables that `environment` names; the storage is closed again afterwards."""
    async with opened(Settings.from_environment(environment)):
        hall = await make_hall()
        town = await _town(hall, things, borrowers, chairs)
        return replace(town, hourly=await _hourly(hall)) if has_hourly else town


async def _town(hall: Hall, things: int, borrowers: int, chairs: int) -> Town:
    culture = hall.ledger.city.culture
    second = await make_actor("钱文华", culture, Role.ASSET_MANAGER)
    people = [hall.borrower]
    people += [await make_actor(f"借用人{number:02d}", culture, Role.BORROWER) for number in range(1, borrowers)]
    cards = [hall.projector] + [(await make_listed_projector(hall.ledger))[0] for _ in range(1, things)]
    return Town(
        borrowers=[await signed_in(person) for person in people],
        approvers=[await signed_in(person) for person in (hall.approver, second)],
        lender=await signed_in(hall.lender),
        things=[Thing(card.id, card.code) for card in cards],
        chairs=tuple(Thing(card.id, card.code) for card in await make_chairs(hall.ledger, chairs)),
    )


async def _hourly(hall: Hall) -> Thing:
    card = await make_card(hall.lender, hall.ledger.health_room, item_name="视频会议终端")
    await open_listing(hall.lender, OpenListing(card.id, "自取自还", 30, "city", OpeningHours(60, 480, 1080)))
    return Thing(card.id, card.code)


def wanted(asset_id: str, first: int = 0, last: int = 2) -> dict[str, str]:
    """The body of an application for the days from `first` to `last`, counted from today."""
    today = shanghai_day(datetime.now(UTC))
    return {
        "asset_id": asset_id,
        "from_day": (today + timedelta(days=first)).isoformat(),
        "to_day": (today + timedelta(days=last)).isoformat(),
        "purpose": "全区文化工作会议放映",
    }


def wanted_hours(asset_id: str, begins: int, ends: int) -> dict[str, str]:
    """The body of an application for some hours of tomorrow."""
    tomorrow = shanghai_day(datetime.now(UTC)) + timedelta(days=1)
    hours = {"starts_at": f"{tomorrow}T{begins:02d}:00:00+08:00", "ends_at": f"{tomorrow}T{ends:02d}:00:00+08:00"}
    return {"asset_id": asset_id, **hours, "purpose": "视频会议"}
