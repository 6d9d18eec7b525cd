"""Where several things are collected: the lowest place that all of them stand in."""

from collections.abc import Sequence

from server.circulation.alike import root_of
from server.identity.types import RowSource
from server.kernel.storage.database import Row
from server.places.queries import place_facts


async def meeting_place(rows: RowSource, standing: Sequence[Row]) -> dict[str, str]:
    """The columns of `borrowing` that say where to collect. `standing`: `place_id`, `place_path` and `place_name` of
    each thing, all below one warehouse or site."""
    first = standing[0]
    if all(each["place_id"] == first["place_id"] for each in standing):
        return {name: first[name] for name in ("place_id", "place_path", "place_name")}
    paths = [each["place_path"].split("/")[:-1] for each in standing]
    shared = 0
    while all(len(path) > shared and path[shared] == paths[0][shared] for path in paths):
        shared += 1
    place = await place_facts(rows, paths[0][shared - 1])
    return {"place_id": place.id, "place_path": place.path, "place_name": place.full_name}


async def where_all_are(rows: RowSource, borrowing_id: str) -> dict[str, str] | None:
    """The lowest place in which every thing of a borrowing stands now; None where they stand in several buildings: then
    it is collected where it was said to be."""
    found = await rows.fetch_all(
        "SELECT DISTINCT c.place_id FROM borrowing_line l JOIN asset_card c ON c.id = l.asset_id"
        " WHERE l.borrowing_id = ?",
        borrowing_id,
    )
    places = [await place_facts(rows, row["place_id"]) for row in found]
    if len({root_of(place.path) for place in places}) != 1:
        return None
    standing = [{"place_id": each.id, "place_path": each.path, "place_name": each.full_name} for each in places]
    return await meeting_place(rows, standing)
