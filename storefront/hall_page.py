"""The sharing hall as a page: its filters as links and choices, the chosen ones as words that can be taken away."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from sanic import Request

from server.assets.states import CONDITION_NAMES
from server.circulation.finding_types import Tallies, Tally
from server.circulation.queries import FREE_WITHIN, VALUE_BANDS
from server.circulation.types import ListingFilter, Sort
from server.identity.types import RegionView
from server.kernel.reading import present_day
from server.web.formats import day
from server.web.parts import Facet, Link, Option
from storefront.shelves import SHELVES, shelf_of

LABELS = {
    "q": "搜索",
    "category": "品类",
    "region": "所在地",
    "condition": "成色",
    "unit": "保管单位",
    "place": "存放地点",
    "free": "何时可借",
    "value": "原值",
    "from": "从哪天起要用",
    "to": "用到哪天",
}
SORTS: dict[Sort, str] = {
    "match": "最相符",
    "newest": "最新",
    "free": "最早可借",
    "value": "价值高的在前",
}
_MOST_UNITS = 8
PATH = "/sharing"
# What the form of the folded filters carries along.
_KEPT = ("q", "category", "unit", "place", "free", "value", "sort")
Short = Annotated[str, msgspec.Meta(max_length=60)]


class HallQuery(msgspec.Struct, frozen=True, kw_only=True, rename={"day_from": "from", "day_to": "to"}):
    """The hall's address: what is searched, the filters, the order, and where the page begins."""

    q: Short = ""
    category: Annotated[str, msgspec.Meta(max_length=20)] = ""
    region: Annotated[str, msgspec.Meta(max_length=20)] = ""
    condition: Annotated[str, msgspec.Meta(max_length=20)] = ""
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    place: Annotated[str, msgspec.Meta(max_length=20)] = ""
    free: Annotated[int, msgspec.Meta(ge=0, le=366)] | None = None
    value: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    day_from: date | None = None
    day_to: date | None = None
    sort: Sort | None = None
    after: Annotated[str, msgspec.Meta(max_length=300)] = ""

    def filter(self) -> ListingFilter:
        """The same for the domain. One day alone is a stay of that one day."""
        first, last = self.day_from or self.day_to, self.day_to or self.day_from
        band = value_band(self.value)
        return ListingFilter(
            text=self.q,
            category_prefix=self.category,
            region_code=self.region,
            condition=self.condition,
            free_from=first,
            free_to=last,
            sort=self.sort,
            holder_unit_id=self.unit,
            place_id=self.place,
            value_from=band[0],
            value_to=band[1],
            is_loose=True,
            free_by=None if self.free is None else present_day() + timedelta(days=self.free),
        )


def typed_query(request: Request) -> dict[str, str]:
    """What the address says, as it was typed; empty values and unknown names (somebody's tracking mark) left out."""
    names = (*LABELS, "sort", "after")
    return {name: request.args.get(name, "") for name in names if request.args.get(name)}


def typed_address(here: str) -> dict[str, str]:
    """The same of an address of the hall as a form carries it."""
    raw = dict(parse_qsl(here.partition("?")[2]))
    return {name: raw[name] for name in LABELS if raw.get(name)}


def typed_filter(wanted: ListingFilter) -> dict[str, str]:
    """A filter as the hall's address says it."""
    typed = {
        "q": wanted.text,
        "category": wanted.category_prefix,
        "region": wanted.region_code,
        "condition": wanted.condition,
        "unit": wanted.holder_unit_id,
        "place": wanted.place_id,
        "value": "" if wanted.value_from is None else str(wanted.value_from),
    }
    return {name: value for name, value in typed.items() if value}


def address(typed: dict[str, str], **changes: str) -> str:
    """The hall's address with `changes`; any change goes back to the first page."""
    kept = {name: value for name, value in {**typed, "after": "", **changes}.items() if value}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


def category_facet(typed: dict[str, str], tallies: Tallies | None) -> Facet:
    """The shelves as chips with what stands on them, all of them first."""
    chosen = typed.get("category", "")
    counts = Counter[str]()
    for tally in tallies.categories if tallies else ():
        if shelf := shelf_of(tally.value):
            counts[shelf.code] += tally.count
    links = [Link("全部", address(typed, category=""), not chosen)]
    links += [
        Link(shelf.label, address(typed, category=shelf.code), chosen == shelf.code, counts[shelf.code] or None)
        for shelf in SHELVES
    ]
    return Facet("品类", tuple(links))


def count_facets(typed: dict[str, str], tallies: Tallies | None) -> tuple[Facet, ...]:
    """When it is free, what it is worth and who keeps it, each with how many; what is chosen takes itself away."""
    if tallies is None:
        return ()
    groups = (
        ("free", tallies.free),
        ("value", tallies.values),
        ("unit", tallies.units[:_MOST_UNITS]),
    )
    return tuple(Facet(LABELS[name], _count_links(typed, name, some)) for name, some in groups if some)


def _count_links(typed: dict[str, str], name: str, tallies: tuple[Tally, ...]) -> tuple[Link, ...]:
    chosen = typed.get(name, "")
    return tuple(
        Link(
            tally.label,
            address(typed, **{name: "" if chosen == tally.value else tally.value}),
            chosen == tally.value,
            tally.count,
        )
        for tally in tallies
    )


def sort_links(typed: dict[str, str], sort: Sort) -> tuple[Link, ...]:
    """The orders; the best match only where something is searched for."""
    sorts = SORTS if typed.get("q", "").strip() else {name: label for name, label in SORTS.items() if name != "match"}
    return tuple(Link(label, address(typed, sort=name), sort == name) for name, label in sorts.items())


def region_options(regions: list[RegionView]) -> tuple[Option, ...]:
    """Where things may be: the city itself and its districts."""
    return tuple(Option(region.code, region.name) for region in regions if region.level in {"city", "district"})


def condition_options() -> tuple[Option, ...]:
    """Every condition in which a thing may be offered."""
    return tuple(Option(code, name) for code, name in CONDITION_NAMES.items() if code != "damaged")


def with_counts(options: tuple[Option, ...], tallies: tuple[Tally, ...]) -> tuple[Option, ...]:
    """The options, each with how many were found."""
    counts = {tally.value: tally.count for tally in tallies}
    return tuple(
        Option(option.value, f"{option.label}（{counts[option.value]}）") if option.value in counts else option
        for option in options
    )


def value_band(first: int | None) -> tuple[int | None, int | None]:
    """The band of values that begins with `first` fen; from there up where there is none."""
    return first, next((below for start, below, _ in VALUE_BANDS if start == first), None)


def chosen_links(
    typed: dict[str, str],
    query: HallQuery | None,
    regions: tuple[Option, ...],
    names: Mapping[str, Mapping[str, str]],
) -> tuple[Link, ...]:
    """The chosen filters in words, each a link that takes it away. `names`: of units and places, by id."""
    words = {
        "q": f"“{typed.get('q', '')}”",
        "category": _label(typed, "category", {shelf.code: shelf.label for shelf in SHELVES}),
        "region": _label(typed, "region", {option.value: option.label for option in regions}),
        "condition": _label(typed, "condition", CONDITION_NAMES),
        "unit": _label(typed, "unit", names.get("unit", {})),
        "place": _label(typed, "place", names.get("place", {})),
        "free": _label(typed, "free", {str(days): label for days, label in FREE_WITHIN}),
        "value": _label(typed, "value", {str(first): label for first, _, label in VALUE_BANDS}),
    }
    links = [Link(word, address(typed, **{name: ""})) for name, word in words.items() if name in typed]
    if query is not None and (query.day_from or query.day_to):
        links.append(Link(_days(query.filter()), address(typed, **{"from": "", "to": ""})))
    return tuple(links)


def _label(typed: dict[str, str], name: str, names: Mapping[str, str]) -> str:
    value = typed.get(name, "")
    return names.get(value, value)


def _days(wanted: ListingFilter) -> str:
    assert wanted.free_from is not None and wanted.free_to is not None
    first, last = day(wanted.free_from), day(wanted.free_to)
    return f"{first}有空" if first == last else f"{first}至{last}有空"


def narrowing(typed: dict[str, str]) -> dict[str, Any]:
    """How much the folded filters narrow, and what their form must carry along."""
    folded = ("region", "condition", "from", "to")
    return {
        "narrowed_count": sum(name in typed for name in folded),
        "kept": {name: typed[name] for name in _KEPT if name in typed},
    }
