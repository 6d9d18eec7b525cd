"""The labelled queries at reduced size: what people want comes first, and far more of it than LIKE finds."""

from statistics import mean

from bench.search import finder, judged
from bench.search_corpus import DISTRICTS, queries, things
from bench.search_stage import REACH, enter_catalogue, enter_things, enter_units
from server.kernel.actor import Actor, ActorKind
from server.kernel.runtime import Runtime

CARDS = 1200
QUERIES = 64
VIEWER = Actor(kind=ActorKind.PERSON, request_id="test", region_path=f"{REACH}{DISTRICTS[-1][0]}/")


async def test_what_people_want_comes_first(runtime: Runtime, is_full_size: bool):
    cards = list(things(20_000 if is_full_size else CARDS))
    await enter_catalogue({card.category_code for card in cards})
    await enter_units(runtime.database)
    assert await enter_things(runtime.database, cards) == len(cards)
    held_out = [query for query in queries() if query.is_held_out]
    assert len(held_out) >= 100
    # Spread over all classes: the file is ordered by class.
    asked = held_out if is_full_size else held_out[:: len(held_out) // QUERIES]
    scores = await judged(finder(VIEWER), cards, asked)
    assert len(scores) > len(asked) * 0.8
    assert mean(ndcg for _, ndcg, _ in scores) >= 0.85
    assert mean(recall for _, _, recall in scores) >= 0.95
