"""The sharing board over HTTP: warm (kept pages), cold (each request another page), detail, and growth."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.load import in_turn, say, serving
from bench.stage import SIZES, Stage, card_id, grow, listing_id, position, stage, storages
from server.kernel.paging import encode_cursor

_PAGES = 4000


def run_list() -> None:
    """Print warm and cold ratios at each size, and how the cold page grows."""
    _at_each_size(_measure_list)


def run_detail() -> None:
    """Print the ratio of one listing's detail to a bare handler that reads the same row."""
    _at_each_size(_measure_detail)


def _at_each_size(measure: Callable[[Stage], float]) -> None:
    for storage in storages():
        with stage(storage) as made:
            taken = []
            for size in SIZES:
                grow(made, size)
                taken.append(measure(made))
            if len(taken) > 1:
                name = "list" if measure is _measure_list else "detail"
                words = f"{storage}, time of a cold page at {SIZES[-1]:,} cards to that at {SIZES[0]:,}"
                print(f"{name} growth ratio: {taken[0] / taken[-1]:.2f} ({words})", flush=True)


@contextmanager
def _both(made: Stage) -> Iterator[tuple[str, str]]:
    with (
        serving(["-m", "bench.floor"], made.environment, "/json") as floor,
        serving(["-m", "server", "serve"], made.environment, "/readyz") as ours,
    ):
        yield floor, ours


def _measure_list(made: Stage) -> float:
    pages = [f"?cursor={cursor}" for cursor in _cursors(made)]
    with _both(made) as (floor, ours):
        bare, warm = in_turn((floor, ["/json"], ""), (ours, ["/mini/v1/listings"], made.token))
        say("list warm", warm, bare, made.words())
        query, cold = in_turn(
            (floor, [f"/board{page}" for page in pages], ""),
            (ours, [f"/mini/v1/listings{page}" for page in pages], made.token),
        )
        say("list cold", cold, query, made.words())
    return cold


def _measure_detail(made: Stage) -> float:
    chance = random.Random(11)
    ids = [listing_id(card_id(chance.randrange(made.cards))) for _ in range(_PAGES)]
    with _both(made) as (floor, ours):
        bare, detail = in_turn(
            (floor, [f"/listing/{listing}" for listing in ids], ""),
            (ours, [f"/mini/v1/listings/{listing}" for listing in ids], made.token),
        )
        say("detail", detail, bare, made.words())
    return detail


def _cursors(made: Stage) -> list[str]:
    # More pages than the cache keeps, in an order that it cannot guess: every one is cold.
    chance = random.Random(7)
    numbers = [chance.randrange(made.cards) for _ in range(_PAGES)]
    return [encode_cursor(*position(number)) for number in numbers]
