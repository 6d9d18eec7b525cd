"""The tests' own ground: private servers do what a test relies on, and leave nothing behind."""

import socket
from pathlib import Path

import pymysql
import pytest

from tests.support.databases import administrator, drop_database, new_database, new_redis_url
from tests.support.process import HOST, PID_FOLDER_VARIABLE, end_recorded, started_at
from tests.support.servers import MariaDB, Redis, exchange


def ask(redis: Redis, *words: str) -> bytes:
    return exchange(redis.port, (" ".join(words) + "\r\n").encode())


@pytest.mark.needs("mariadb")
def test_mariadb_keeps_a_committed_row_when_killed() -> None:
    with MariaDB() as server:
        with administrator(server.url) as cursor:
            cursor.execute("CREATE DATABASE ledger")
            cursor.execute("CREATE TABLE ledger.card (name VARCHAR(40))")
            cursor.execute("INSERT INTO ledger.card VALUES ('爱普生投影仪')")
        server.kill9()
        assert not server.is_running()
        server.start()
        with administrator(server.url) as cursor:
            cursor.execute("SELECT name FROM ledger.card")
            assert cursor.fetchall() == (("爱普生投影仪",),)
        folder = server.folder
    assert not folder.exists()


@pytest.mark.needs("mariadb")
def test_mariadb_has_the_settings_of_production_when_started() -> None:
    with MariaDB() as server, administrator(server.url) as cursor:
        cursor.execute(
            "SELECT @@tx_isolation, @@innodb_flush_log_at_trx_commit, @@character_set_server, @@collation_server"
        )
        assert cursor.fetchone() == ("READ-COMMITTED", 1, "utf8mb4", "utf8mb4_nopad_bin")


@pytest.mark.needs("mariadb")
def test_mariadb_is_silent_until_resumed_when_paused() -> None:
    with MariaDB() as server:
        server.pause()
        with pytest.raises(pymysql.err.OperationalError):
            pymysql.connect(host=HOST, port=server.port, user="root", connect_timeout=1, read_timeout=1)
        server.resume()
        assert server.answers()


@pytest.mark.needs("redis")
def test_redis_forgets_unless_durable_when_killed() -> None:
    with Redis() as fleeting, Redis(is_durable=True) as durable:
        for server in (fleeting, durable):
            assert ask(server, "SET", "price", "1200").startswith(b"+OK")
            server.kill9()
            server.start()
        assert ask(fleeting, "GET", "price") == b"$-1\r\n"
        assert ask(durable, "GET", "price") == b"$4\r\n1200\r\n"


@pytest.mark.needs("redis")
def test_recorded_server_is_ended_when_its_worker_forgot_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PID_FOLDER_VARIABLE, str(tmp_path))
    with Redis() as server:
        pid = server.pid
        assert end_recorded(tmp_path) == [pid]
    assert started_at(pid) == ""
    assert list(tmp_path.iterdir()) == []


def test_databases_differ_when_made_on_one_server(mariadb_server: str) -> None:
    first, second = new_database(mariadb_server), new_database(mariadb_server)
    assert first != second
    for url in (first, second):
        drop_database(url)
    with administrator(mariadb_server) as cursor:
        cursor.execute("SHOW DATABASES")
        names = {row[0] for row in cursor.fetchall()}
    assert not names & {first.rsplit("/", 1)[1], second.rsplit("/", 1)[1]}


def test_redis_databases_differ_when_asked_twice(redis_server: str) -> None:
    assert new_redis_url(redis_server) != new_redis_url(redis_server)


@pytest.mark.needs("redis")
def test_port_is_given_back_when_a_server_stops() -> None:
    with Redis() as server:
        port = server.port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        assert probe.getsockname()[1] == port
