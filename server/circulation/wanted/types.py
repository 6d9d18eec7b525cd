"""Requests and views of the wanted board. Days are Asia/Shanghai calendar days."""

from datetime import date, datetime
from typing import Literal

import msgspec

from server.circulation.types import IdleHit, Reach

WantedView = Literal["board", "unit"]
STATE_NAMES: dict[str, str] = {"open": "征集中", "met": "已解决", "withdrawn": "已撤回", "expired": "已到期"}


class PostWanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the actor's unit looks for. `days`: for how long; None where it is to stay (`is_permanent`).

    `category_code`: empty where it is not known. `reach`: seen by the whole city, or by the unit's district only.
    """

    title: str
    quantity: int
    note: str = ""
    category_code: str = ""
    is_permanent: bool = False
    days: int | None = None
    reach: Reach = "city"


class OfferThing(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a post. `listing_id`: a thing that the actor's unit holds and has on the board."""

    wanted_id: str
    words: str
    listing_id: str | None = None


class CloseWanted(msgspec.Struct, frozen=True, kw_only=True):
    """The post ends: it was met, and how; or it is taken back, and why."""

    wanted_id: str
    is_met: bool
    note: str


class WantedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One post in a list."""

    id: str
    title: str
    quantity: int
    is_permanent: bool
    days: int | None
    category_name: str
    unit_name: str
    region_name: str
    state: str
    state_name: str
    posted_at: datetime
    expires_on: date
    offers: int


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `listing_id`: None where nothing on the board was named."""

    unit_name: str
    offered_by_name: str
    words: str
    listing_id: str | None
    listing_name: str
    offered_at: datetime


class WantedDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A post as the viewer may see it: offers are for the unit that posted, and one's own.

    `is_mine`: the viewer posted it, or manages the assets of the unit that did.
    `hits`: what is on the board now and fits, as the posting unit sees it; for that unit alone.
    """

    id: str
    title: str
    note: str
    quantity: int
    is_permanent: bool
    days: int | None
    category_code: str | None
    category_name: str
    unit_id: str
    unit_name: str
    region_name: str
    poster_name: str
    state: str
    state_name: str
    posted_at: datetime
    expires_on: date
    closed_note: str | None
    offers: list[OfferView]
    hits: list[IdleHit]
    is_mine: bool = False
    can_offer: bool = False
    can_close: bool = False
