"""A product with servers of its own, which a test may kill and freeze."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.settings import Settings
from tests.support.databases import new_database
from tests.support.product import environment_for, migrate_now
from tests.support.served import Product
from tests.support.servers import MariaDB, Redis


@dataclass(frozen=True, slots=True)
class Ground:
    """What a product stands on, over either storage. `environment`: of the product on empty, migrated tables."""

    environment: dict[str, str]
    mariadb: MariaDB | None = None
    redis: Redis | None = None

    def kill_storage(self, product: Product) -> None:
        """Power off the storage. SQLite lives in the product's process and goes with it."""
        if self.mariadb is None:
            product.kill9()
        else:
            self.mariadb.kill9()

    def bring_back(self, product: Product) -> None:
        """Start again what was powered off."""
        if self.mariadb is None:
            product.start()
        else:
            self.mariadb.start()

    @contextmanager
    def storage_standing_still(self) -> Iterator[None]:
        """The storage neither answers nor goes away: a frozen server, or a stranger who holds the one write lock."""
        if self.mariadb is not None:
            self.mariadb.pause()
            try:
                yield
            finally:
                self.mariadb.resume()
            return
        stranger = sqlite3.connect(Path(self.environment["DATA_DIR"]) / "gwc.sqlite3", isolation_level=None, timeout=60)
        try:
            stranger.execute("BEGIN IMMEDIATE")
            yield
            stranger.execute("ROLLBACK")
        finally:
            stranger.close()


@pytest.fixture(scope="module")
def own_servers(storage: str) -> Iterator[tuple[MariaDB, Redis] | None]:
    """A MariaDB and a Redis that belong to this file's tests alone; nothing over SQLite."""
    if storage == "sqlite":
        yield None
        return
    with MariaDB() as mariadb, Redis() as redis:
        yield mariadb, redis


@pytest.fixture
def ground(own_servers: tuple[MariaDB, Redis] | None, tmp_path: Path) -> Ground:
    clock = str(tmp_path / "offset")
    if own_servers is None:
        ground = Ground(environment_for(tmp_path, CLOCK_OFFSET_FILE=clock))
    else:
        mariadb, redis = own_servers
        url = new_database(mariadb.url)
        number = int(url.rpartition("_")[2])
        urls = {"DATABASE_URL": url, "REDIS_URL": f"{redis.url}/{number}"}
        ground = Ground(environment_for(tmp_path, CLOCK_OFFSET_FILE=clock, **urls), mariadb, redis)
    migrate_now(Settings.from_environment(ground.environment))
    return ground


def lines_held(port: int) -> int:
    """How many accepted connections the server on `port` has not closed: ESTABLISHED or CLOSE_WAIT, by the kernel."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[1].endswith(f":{port:04X}") and line[3] in {"01", "08"} for line in lines)
