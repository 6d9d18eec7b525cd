"""How a thing on the board is shown: its picture or illustration, and from when it is free."""

from datetime import date

from server.circulation.types import ListingRow
from server.web.assets import illustration_for
from server.web.formats import day
from server.web.parts import Badge, Card


def card_of(row: ListingRow, today: date) -> Card:
    """A card of the board."""
    return Card(
        href=f"/sharing/{row.id}",
        name=row.name,
        picture=picture_of(row.picture_id, row.category_code, is_small=True),
        place=f"{row.region_name} · {row.place_name}",
        condition=row.condition_name,
        owner=row.holder_unit_name,
        state=free_badge(row.free_from, today),
        is_illustration=row.picture_id is None,
        why="、".join(row.why),
    )


def picture_of(picture_id: str | None, category_code: str, *, is_small: bool = False) -> str:
    """The address of a thing's photograph, or of the drawing of its category."""
    if picture_id is None:
        return illustration_for(category_code)
    return f"/files/{picture_id}/thumbnail" if is_small else f"/files/{picture_id}"


def free_badge(free_from: date, today: date) -> Badge:
    """From when nobody has been promised the thing."""
    if free_from <= today:
        return Badge("今天可借", "ok")
    return Badge(f"{day(free_from, today)}起可借", "warn", "calendar-clock")
