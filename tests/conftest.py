"""Fixtures that every test may ask for: which storage this run is for, and servers of the run.

`make test` starts the servers once and names them in the environment. Under a bare `pytest` each process starts
its own when a test first asks.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from server.kernel.runtime import Runtime
from server.opening import opened
from server.settings import Settings
from tests.support.browser import open_browser
from tests.support.databases import drop_database, new_database, new_redis_url
from tests.support.environment import forget_installation
from tests.support.product import copy_sqlite, empty_mariadb, environment_for, migrate_now
from tests.support.servers import MariaDB, Redis

forget_installation()

# Asking for one of these fixtures is saying that the program is needed.
NEEDED_BY_FIXTURE = {
    "mariadb_server": "mariadb",
    "redis_server": "redis",
    "browser": "chromium",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine can neither find nor install; the runner has said so, and says how many."""
    left_out = set(os.environ.get("TEST_LEFT_OUT", "").split())
    if not left_out:
        return
    config.hook.pytest_deselected(items=[item for item in items if needs_of(item) & left_out])
    items[:] = [item for item in items if not needs_of(item) & left_out]


def needs_of(item: pytest.Item) -> set[str]:
    """The programs that a test drives, by its fixtures and its `needs` marks."""
    by_fixture = {NEEDED_BY_FIXTURE[name] for name in getattr(item, "fixturenames", ()) if name in NEEDED_BY_FIXTURE}
    return by_fixture | {program for mark in item.iter_markers("needs") for program in mark.args}


@pytest.fixture(scope="session")
def storage() -> str:
    """Which storage this run is for: `sqlite` or `mariadb`."""
    name = os.environ.get("STORAGE", "sqlite")
    assert name in {"sqlite", "mariadb"}
    return name


@pytest.fixture(scope="session")
def is_full_size() -> bool:
    """Whether races, faults and data sets run at full size (`make soak`) instead of reduced."""
    return os.environ.get("SOAK") == "1"


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """The URL of the run's shared MariaDB. Never stop or freeze it: such a test starts a `MariaDB()` of its own."""
    if url := os.environ.get("TEST_MARIADB_URL"):
        yield url
        return
    with MariaDB() as server:
        yield server.url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of the run's shared Redis; the same rule."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    with Redis() as server:
        yield server.url


@pytest.fixture
def mariadb_url(mariadb_server: str) -> Iterator[str]:
    """An empty MariaDB database of this test's own."""
    url = new_database(mariadb_server)
    yield url
    drop_database(url)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """A numbered Redis database of this test's own."""
    return new_redis_url(redis_server)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium with a fresh profile; `tests.support.browser.visit` opens a site in it."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    folder = tmp_path_factory.mktemp("template")
    migrate_now(Settings.from_environment(environment_for(folder)))
    return folder / "gwc.sqlite3"


@pytest.fixture(scope="session")
def migrated_mariadb(mariadb_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This worker's migrated database; each test that uses it leaves it empty."""
    url = new_database(mariadb_server)
    folder = tmp_path_factory.mktemp("template")
    migrate_now(Settings.from_environment(environment_for(folder, DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1/0")))
    yield url
    drop_database(url)


@pytest.fixture
def product_environment(storage: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Environment variables of a product with empty, migrated tables on this run's storage."""
    data_dir = tmp_path / "data"
    if storage == "sqlite":
        copy_sqlite(request.getfixturevalue("migrated_sqlite"), data_dir)
        yield environment_for(data_dir)
        return
    url = request.getfixturevalue("migrated_mariadb")
    yield environment_for(data_dir, DATABASE_URL=url, REDIS_URL=request.getfixturevalue("redis_url"))
    empty_mariadb(url)


@pytest.fixture
def settings(product_environment: dict[str, str]) -> Settings:
    """The settings of this test's product."""
    return Settings.from_environment(product_environment)


@pytest.fixture
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """The product opened in this process: commands and queries work."""
    async with opened(settings) as runtime:
        yield runtime
