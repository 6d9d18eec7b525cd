"""Databases of a test's own on the run's shared servers, so that workers never meet each other's rows."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pymysql
from pymysql.cursors import Cursor

_numbers = itertools.count(1)
DATABASES_OF_A_WORKER = 256


def worker() -> str:
    """The name of this test process: `gw0`, `gw1`, … or `main` without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def worker_number() -> int:
    return int(worker().removeprefix("gw")) if worker().startswith("gw") else 0


def new_database(server_url: str) -> str:
    """Create an empty database `gwc_<worker>_<n>`. Returns its URL: `mysql://root@127.0.0.1:<port>/gwc_gw0_1`."""
    name = f"gwc_{worker()}_{next(_numbers)}"
    with administrator(server_url) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
    return server_url.rstrip("/") + "/" + name


def drop_database(url: str) -> None:
    """Drop what `new_database` made."""
    name = urlsplit(url).path.lstrip("/")
    with administrator(url) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


def new_redis_url(server_url: str) -> str:
    """A numbered Redis database for one test. Pub/sub channels are not split by number: prefix their names."""
    number = worker_number() * DATABASES_OF_A_WORKER + next(_numbers) % DATABASES_OF_A_WORKER
    return f"{server_url}/{number}"


@contextmanager
def administrator(url: str) -> Iterator[Cursor]:
    """A cursor of the server's root, in no database, committing by itself."""
    parts = urlsplit(url)
    connection = pymysql.connect(
        host=parts.hostname or "", port=parts.port or 3306, user=parts.username or "root", autocommit=True
    )
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
