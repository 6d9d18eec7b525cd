"""Where the board's things are: counts from district to unit to place."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from server.circulation.finding_types import Spot, Whereabouts
from server.circulation.queries.board_sql import region_prefixes
from server.kernel.actor import Actor
from server.kernel.reading import reading
from server.kernel.storage.database import Reader, Row


async def whereabouts(actor: Actor, region_code: str = "", unit_id: str = "") -> Whereabouts:
    """What lies one level below: the regions; a region's units; with a unit, its places there. Most first.

    Counts what the actor's region may see; an unknown region or unit has nothing below it.
    """
    prefixes = region_prefixes(actor.region_path)
    if not prefixes:
        return Whereabouts([], "", "")
    async with reading() as db:
        if unit_id:
            spots = await _grouped(db, prefixes, "place", region_code, unit_id)
        elif region_code:
            spots = await _grouped(db, prefixes, "holder_unit", region_code)
        else:
            spots = await _grouped(db, prefixes, "region")
        region = await db.fetch_one("SELECT name FROM region WHERE code = ?", region_code) if region_code else None
        unit = await db.fetch_one("SELECT name FROM unit WHERE id = ?", unit_id) if unit_id and spots else None
    return Whereabouts(spots, region["name"] if region else "", unit["name"] if unit else "")


async def _grouped(db: Reader, prefixes: list[str], level: str, region_code: str = "", unit_id: str = "") -> list[Spot]:
    key = {"region": "region_code", "holder_unit": "holder_unit_id", "place": "place_id"}[level]
    narrowed, values = "", list[str]()
    for column, value in (("region_code", region_code), ("holder_unit_id", unit_id)):
        if value:
            narrowed += f" AND l.{column} = ?"
            values.append(value)
    # Along the index alone; the names are looked up for the few groups.
    rows = await db.fetch_all(
        f"SELECT l.{key} AS spot, COUNT(*) AS number FROM asset_listing l"
        f" WHERE l.is_open = 1 AND l.reach_path IN ({', '.join('?' * len(prefixes))}){narrowed}"
        f" GROUP BY l.{key} ORDER BY number DESC, spot",
        *prefixes,
        *values,
    )
    names = await _names(db, level, rows, prefixes)
    return [Spot(row["spot"], names.get(row["spot"], ""), row["number"]) for row in rows]


async def _names(db: Reader, level: str, rows: list[Row], prefixes: list[str]) -> dict[str, str]:
    if not rows:
        return {}
    marks = ", ".join("?" * len(rows))
    ids = [row["spot"] for row in rows]
    if level == "place":
        found = await db.fetch_all(
            f"SELECT l.place_id AS id, MAX(l.place_name) AS name FROM asset_listing l WHERE l.is_open = 1"
            f" AND l.reach_path IN ({', '.join('?' * len(prefixes))}) AND l.place_id IN ({marks}) GROUP BY l.place_id",
            *prefixes,
            *ids,
        )
    elif level == "holder_unit":
        found = await db.fetch_all(f"SELECT id, name FROM unit WHERE id IN ({marks})", *ids)
    else:
        found = await db.fetch_all(f"SELECT code AS id, name FROM region WHERE code IN ({marks})", *ids)
    return {row["id"]: row["name"] for row in found}
