"""A product with a big board, for one storage: private servers, rules and people by commands, cards in bulk."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import scripts.system
from server import wiring
from server.demo.cast import PASSWORD, Cast
from server.demo.staging import SYSTEM, hire, set_rules
from server.identity.commands import LogIn, log_in
from server.identity.sessions import API
from server.kernel.actor import Actor, ActorKind
from server.kernel.storage.database import Database
from server.migrations.runner import migrate
from server.opening import opened
from server.places.commands import create_place
from server.places.types import CreatePlace, PlaceKind
from server.settings import Settings
from tests.support.databases import new_database
from tests.support.servers import MariaDB, Redis

SIZES = tuple(int(size) for size in os.environ.get("SIZES", "10000 1000000").split())
SECONDS = float(os.environ.get("SECONDS", "3"))
_BATCH = 2000
_LISTED = 10**15
_ITEMS = (
    ("投影仪", "爱普生", "CB-X06", "A02020200"),
    ("便携式计算机", "联想", "ThinkPad E14", "A02010108"),
    ("会议椅", "震旦", "CB-32", "A05010303"),
    ("数字照相机", "佳能", "EOS R6", "A02020501"),
    ("移动照明灯塔", "海洋王", "SFW6110B", "A02061911"),
)


@dataclass
class Stage:
    """Where the product of one storage lives, and a borrower who is logged in."""

    storage: str
    environment: dict[str, str]
    cast: Cast = field(default_factory=Cast)
    token: str = ""
    place_id: str = ""
    place_path: str = ""
    cards: int = 0

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environment)

    def words(self) -> str:
        """The stage for a figure's line."""
        return f"{self.storage}, {self.cards:,} cards"


def storages() -> list[str]:
    """The storages to measure."""
    return os.environ.get("STORAGES", "sqlite mariadb").replace(",", " ").split()


@contextmanager
def stage(storage: str) -> Iterator[Stage]:
    """A migrated product with the demo's people and an empty board; all of it goes away at the end."""
    scripts.system.ensure(("mariadb", "redis", "wrk"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gwc-bench-")))
        environment = {"ENVIRONMENT": "test", "DATA_DIR": str(folder), "REQUESTS_PER_MINUTE": "1000000"}
        if storage == "mariadb":
            server = stack.enter_context(MariaDB(is_roomy=True))
            redis = stack.enter_context(Redis())
            environment |= {"DATABASE_URL": new_database(server.url), "REDIS_URL": f"{redis.url}/0", "HAS_JOBS": "0"}
        made = Stage(storage, environment)
        asyncio.run(_set(made))
        yield made


async def _set(made: Stage) -> None:
    wiring.wire(made.settings)
    async with opened(made.settings) as runtime:
        await migrate(runtime.database)
        await set_rules()
        await hire(made.cast)
        holder = made.cast.units["330113WG"]
        site = CreatePlace(kind=PlaceKind.SITE, code="BENCH", name="临平文广旅体办公楼", unit_id=holder.id)
        place = await create_place(SYSTEM, site)
        made.place_id, made.place_path = place.id, place.path
        nobody = Actor(kind=ActorKind.PERSON, request_id="bench")
        made.token = (await log_in(nobody, LogIn("chenyu", PASSWORD, "bench", API))).token


def grow(made: Stage, cards: int) -> None:
    """Fill the board up to `cards` cards, each with its listing."""
    began = time.perf_counter()
    asyncio.run(_grow(made, cards))
    print(f"# {made.storage}: {cards:,} cards entered in {time.perf_counter() - began:.0f} s", flush=True)


async def _grow(made: Stage, cards: int) -> None:
    async with opened(made.settings) as runtime:
        for first in range(made.cards, cards, _BATCH):
            await _enter(runtime.database, made, range(first, min(first + _BATCH, cards)))
        if made.storage == "mariadb":
            await runtime.database.run_script(["ANALYZE TABLE asset_listing", "ANALYZE TABLE asset_card"])
    made.cards = cards


async def _enter(database: Database, made: Stage, numbers: range) -> None:
    cards = [_card(made, number) for number in numbers]
    async with database.transaction() as transaction:
        for table, rows in (("asset_card", cards), ("asset_listing", [_listing(made, card) for card in cards])):
            quote = "`" if database.dialect == "mariadb" else '"'
            columns = ", ".join(f"{quote}{column}{quote}" for column in rows[0])
            marks = ", ".join("?" * len(rows[0]))
            values = [tuple(row.values()) for row in rows]
            await transaction.execute_many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
        await transaction.commit()


def _card(made: Stage, number: int) -> dict[str, Any]:
    item, brand, model, category = _ITEMS[number % len(_ITEMS)]
    holder = made.cast.units["330113WG"]
    return {
        "id": card_id(number),
        "code": f"{category}-330113WG-2024-{number:07d}",
        "name": f"{item} {brand} {model}",
        "item_name": item,
        "brand": brand,
        "model": model,
        "specification": "",
        "category_code": category,
        "value_fen": 300_000 + number % 900_000,
        "acquired_on": 20240312,
        "condition": "good",
        "state": "in_use",
        "owner_unit_id": holder.id,
        "holder_unit_id": holder.id,
        "holder_unit_path": holder.path,
        "place_id": made.place_id,
        "is_classified": 0,
        "is_storage_medium": 0,
        "version": 1,
        "created_at": _LISTED + number,
    }


def _listing(made: Stage, card: dict[str, Any]) -> dict[str, Any]:
    holder = made.cast.units["330113WG"]
    copied = ("code", "name", "brand", "model", "specification", "category_code", "condition", "value_fen", "place_id")
    return {
        **{column: card[column] for column in copied},
        "id": listing_id(card["id"]),
        "asset_id": card["id"],
        "open_key": card["id"],
        "is_open": 1,
        "category_name": card["item_name"],
        "holder_unit_id": holder.id,
        "holder_unit_name": holder.name,
        "region_code": "330113",
        "region_name": "临平区",
        "reach_path": "330000/330100/",
        "place_name": "临平文广旅体办公楼",
        "place_path": made.place_path,
        "terms": "自提自还",
        "longest_days": 60,
        "listed_at": card["created_at"],
        "listed_by": made.cast.actors["zhouwei"].person_id,
    }


def listing_id(card: str) -> str:
    """The id of a card's listing."""
    return f"l{card[1:]}"


def position(number: int) -> tuple[int, str]:
    """Where the board's card with this number stands in its order: when it was listed, and its listing's id."""
    return _LISTED + number, listing_id(card_id(number))


def card_id(number: int) -> str:
    """The id of the board's card with this number."""
    return f"b{number:015d}"
