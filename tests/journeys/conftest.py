"""The demo's city, served in processes of its own."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from server.app import create_app
from server.settings import Settings
from tests.journeys.world import World, make_world
from tests.support.databases import drop_database, new_database, new_redis_url
from tests.support.product import environment_for, migrate_now
from tests.support.served import Product, running


@dataclass(frozen=True, slots=True)
class City:
    """The served product and what is in it."""

    product: Product
    world: World


@pytest.fixture(scope="session")
def city(storage: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[City]:
    """One city for the journeys of this process: each takes things of its own."""
    folder = tmp_path_factory.mktemp("city")
    environment = environment_for(folder)
    url = ""
    if storage == "mariadb":
        url = new_database(request.getfixturevalue("mariadb_server"))
        redis = new_redis_url(request.getfixturevalue("redis_server"))
        environment = environment_for(folder, DATABASE_URL=url, REDIS_URL=redis)
    migrate_now(Settings.from_environment(environment))
    create_app(Settings.from_environment(environment), name="gwc_routes")  # so that this process knows every page
    world = asyncio.run(make_world(environment))
    with running(environment) as product:
        yield City(product, world)
    if url:
        drop_database(url)
