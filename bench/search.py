"""How good the search is on labelled queries, beside plain LIKE, and how quick it is at each size."""

import asyncio
import gc
import math
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from statistics import mean

from bench.search_corpus import Query, Thing, queries, things
from bench.search_stage import REACH, enter_catalogue, enter_things, enter_units, listing_id
from bench.stage import Stage, stage, storages
from server import wiring
from server.circulation.queries import find_listings
from server.circulation.types import ListingFilter
from server.kernel.actor import Actor
from server.kernel.runtime import Runtime
from server.opening import opened

SIZES = tuple(int(size) for size in os.environ.get("SIZES", "20000").split())
# Every query grades every card: of more cards only the times are taken.
MOST_JUDGED = 100_000
FIRST = 20
_ROUNDS = 3
Finder = Callable[[str], Awaitable[list[str]]]


def run() -> None:
    """Print NDCG@10 and recall@20 of both halves (of up to MOST_JUDGED cards), and p95 of each class of query."""
    for storage in storages():
        with stage(storage) as made:
            asyncio.run(_measure(made))


async def _measure(made: Stage) -> None:
    wiring.wire(made.settings)
    async with opened(made.settings) as runtime:
        everything = list(things(max(SIZES)))
        # So many things are never looked through for rubbish while a query is timed.
        gc.freeze()
        await enter_catalogue({thing.category_code for thing in everything})
        await enter_units(runtime.database)
        entered = 0
        for size in SIZES:
            began = time.perf_counter()
            entered += await enter_things(runtime.database, everything[entered:size], entered)
            if made.storage == "mariadb":
                tables = ("asset_listing", "asset_card", "search_term", "search_posting")
                await runtime.database.run_script([f"ANALYZE TABLE {table}" for table in tables])
            print(f"# {made.storage}: {size:,} cards entered in {time.perf_counter() - began:.0f} s", flush=True)
            await _at_size(made, runtime, everything[:size])


async def _at_size(made: Stage, runtime: Runtime, cards: Sequence[Thing]) -> None:
    actor = made.cast.actors["chenyu"]
    words = f"{made.storage}, {len(cards):,} cards"
    if len(cards) <= MOST_JUDGED:
        ours, like = await _quality(finder(actor), cards), await _quality(_like(runtime), cards)
        for half in ("tuned", "held out"):
            for place, name in enumerate(("ndcg@10", "recall@20")):
                value = f"{ours[half][place]:.2f}"
                print(f"search {name}: {value} ({words}, {half}; LIKE {like[half][place]:.2f})", flush=True)
    for kind, taken in (await _times(actor)).items():
        print(f"search p95 {kind}: {taken:.0f} ms ({words})", flush=True)


def finder(actor: Actor) -> Finder:
    """The product's own search as ids of the first twenty."""

    async def find(text: str) -> list[str]:
        return [
            row.id for row in (await find_listings(actor, ListingFilter(text=text, is_loose=True), None, FIRST)).items
        ]

    return find


def _like(runtime: Runtime) -> Finder:
    columns = ("name", "category_name", "specification", "code", "holder_unit_name", "place_name")

    async def find(text: str) -> list[str]:
        wanted = text.split()
        each = " OR ".join(f"{column} LIKE ?" for column in columns)
        async with runtime.database.reading() as db:
            rows = await db.fetch_all(
                f"SELECT id FROM asset_listing WHERE is_open = 1 AND reach_path = ?{f' AND ({each})' * len(wanted)}"
                f" ORDER BY listed_at DESC LIMIT {FIRST}",
                REACH,
                *(f"%{word}%" for word in wanted for _ in columns),
            )
        return [row["id"] for row in rows]

    return find


async def _quality(find: Finder, cards: Sequence[Thing]) -> dict[str, tuple[float, float]]:
    scores = await judged(find, cards, queries())
    halves: dict[str, list[tuple[float, float]]] = {"tuned": [], "held out": []}
    for query, ndcg, recall in scores:
        halves["held out" if query.is_held_out else "tuned"].append((ndcg, recall))
    if os.environ.get("VERBOSE"):
        for query, ndcg, recall in scores:
            print(
                f"#   {query.text} ({query.kind}{', held out' if query.is_held_out else ''}): {ndcg:.2f} {recall:.2f}"
            )
    return {half: (mean(ndcg for ndcg, _ in some), mean(recall for _, recall in some)) for half, some in halves.items()}


async def judged(find: Finder, cards: Sequence[Thing], asked: Sequence[Query]) -> list[tuple[Query, float, float]]:
    """NDCG@10 and recall@20 of each query. Recall: of the cards graded 2 or 3, or of the twenty that fit on a page."""
    numbers = {listing_id(number): number for number in range(len(cards))}
    found = []
    for query in asked:
        grades = [query.grade(card) for card in cards]
        shown = [grades[numbers[each]] for each in await find(query.text)]
        ideal = sorted(grades, reverse=True)
        wanted = min(FIRST, sum(grade >= 2 for grade in grades))
        if wanted:
            recall = sum(grade >= 2 for grade in shown) / wanted
            found.append((query, _gain(shown) / _gain(ideal), recall))
    return found


def _gain(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:10]))


async def _times(actor: Actor) -> dict[str, float]:
    """The 95th percentile of each class of query, in milliseconds, through the whole query."""
    find, taken = finder(actor), defaultdict[str, list[float]](list)
    for query in queries() * _ROUNDS:
        began = time.perf_counter()
        await find(query.text)
        taken[query.kind].append(1000 * (time.perf_counter() - began))
    return {kind: sorted(some)[math.ceil(0.95 * len(some)) - 1] for kind, some in taken.items()}
