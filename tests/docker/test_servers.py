"""MariaDB's, Redis's and nginx's own files: taken by the real servers, and in keeping with the product."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import redis

from scripts.system import command
from server.settings import Settings
from tests.docker.files import DOCKER, compose, image_environment, nginx
from tests.support.databases import administrator
from tests.support.process import HOST
from tests.support.product import migrate_now, settings_for
from tests.support.servers import MariaDB, Redis, as_root, exchange

COLLATION = "utf8mb4_nopad_bin"


class ConfiguredMariaDB(MariaDB):
    """A private MariaDB on docker/mariadb.cnf; only places, and sizes that a test need not have, are its own."""

    def command(self) -> Sequence[str]:
        return [
            command("mariadbd", "mysqld"),
            f"--defaults-file={DOCKER / 'mariadb.cnf'}",
            *as_root(),
            f"--datadir={self.data}",
            f"--socket={self.folder / 's.sock'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--tmpdir={self.folder}",
            f"--bind-address={HOST}",
            f"--port={self.port}",
            "--innodb-log-file-size=8M",
            "--innodb-buffer-pool-size=32M",
        ]


class ConfiguredRedis(Redis):
    """A private Redis on docker/redis.conf, with a password as compose gives it one."""

    def command(self) -> Sequence[str]:
        own = ("--bind", HOST, "--port", str(self.port), "--dir", str(self.folder), "--requirepass", "made-up")
        return [command("redis-server"), str(DOCKER / "redis.conf"), *own]

    def answers(self) -> bool:
        return exchange(self.port, b"PING\r\n").startswith(b"-NOAUTH")


@pytest.mark.needs("mariadb")
def test_mariadb_keeps_and_compares_as_the_product_expects_when_it_reads_our_file():
    with ConfiguredMariaDB() as server, administrator(server.url) as cursor:
        cursor.execute(
            "SELECT @@global.tx_isolation, @@global.innodb_flush_log_at_trx_commit, @@global.sync_binlog,"
            " @@global.log_bin, @@global.binlog_format, @@global.character_set_server, @@global.collation_server,"
            " @@global.innodb_lock_wait_timeout, @@global.max_connections, @@global.time_zone, @@global.local_infile"
        )
        assert cursor.fetchone() == (*("READ-COMMITTED", 1, 1, 1, "ROW", "utf8mb4", COLLATION, 5, 100, "+00:00", 0),)
        cursor.execute("SELECT @@global.sql_mode, @@global.wait_timeout")
        mode, wait = cursor.fetchone()
        assert "STRICT_ALL_TABLES" in mode
        assert wait > 1800, "the pool renews its connections after 1800 s"


@pytest.mark.needs("mariadb")
def test_every_table_compares_exactly_when_migrated_on_our_file(tmp_path):
    with ConfiguredMariaDB() as server, administrator(server.url) as cursor:
        # As the image creates it: by the server's own defaults.
        cursor.execute("CREATE DATABASE gwc")
        migrate_now(settings_for(tmp_path, DATABASE_URL=server.url + "gwc", REDIS_URL="redis://127.0.0.1:1/0"))
        cursor.execute("SELECT DISTINCT table_collation FROM information_schema.tables WHERE table_schema = 'gwc'")
        assert are_exact({name for (name,) in cursor.fetchall()})
        cursor.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns"
            " WHERE table_schema = 'gwc' AND collation_name IS NOT NULL"
        )
        assert are_exact({name for (name,) in cursor.fetchall()})
        cursor.execute("SELECT COUNT(*) FROM gwc.schema_version")
        assert cursor.fetchone()[0] >= 2


def are_exact(collations: set[str]) -> bool:
    """The server's own, and that of columns which hold nothing but hexadecimal; both tell case and blanks apart."""
    return COLLATION in collations and collations <= {COLLATION, "ascii_nopad_bin"}


def test_migrations_name_the_servers_collation_when_they_create_tables():
    files = sorted((Path(__file__).parents[2] / "server" / "migrations").glob("*.mariadb.sql"))
    collations = {found for file in files for found in re.findall(r"COLLATE (\w+)", file.read_text())}
    configured = re.search(r"^collation-server = (\w+)$", (DOCKER / "mariadb.cnf").read_text(), re.MULTILINE)[1]
    assert configured == COLLATION
    assert are_exact(collations)


@pytest.mark.needs("redis")
def test_redis_keeps_every_second_and_asks_for_its_password_when_it_reads_our_file():
    with ConfiguredRedis() as server, redis.Redis(host=HOST, port=server.port, password="made-up") as client:
        wanted = {"appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "allkeys-lru"}
        found: dict[str, Any] = {}
        for name in (*wanted, "maxmemory"):
            found |= client.config_get(name)
        assert found.pop("maxmemory") == str(256 * 1024 * 1024)
        assert found == wanted


# nginx


def site() -> Any:
    """The server block that ends TLS."""
    (tls,) = [block for block in http().named("server") if "ssl" in block.value("listen").split()]
    return tls


def http() -> Any:
    return nginx().named("http")[0]


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_every_plain_request_is_sent_to_https_when_it_comes_by_80():
    (plain,) = [block for block in http().named("server") if block.value("listen").startswith("80")]
    locations = {block.words[-1]: block for block in plain.named("location")}
    assert locations["/"].value("return") == "308 https://$host$request_uri"
    assert locations["/nginx-health"].value("deny") == "all"
    assert set(locations) == {"/", "/nginx-health"}
    assert site().value("ssl_protocols") == "TLSv1.2 TLSv1.3"


def test_client_cannot_forge_its_address_when_it_sends_the_header_itself():
    forwarded = [block.words for block in nginx().walk() if "X-Forwarded-For" in block.words]
    assert forwarded == [("proxy_set_header", "X-Forwarded-For", "$remote_addr")]
    assert site().value("proxy_set_header", "X-Request-ID") == "$request_id"
    assert site().value("proxy_set_header", "Host") == "$host"


def test_headers_of_the_server_block_reach_the_app_when_a_location_hands_on():
    handing_on = [block for block in site().named("location") if block.named("proxy_pass")]
    assert [block.words[-1] for block in handing_on] == ["/", "/calendar/", "/mini/"]
    # A location with a proxy_set_header of its own would drop all of the server's.
    assert [block for block in handing_on if block.named("proxy_set_header")] == []


def test_product_has_the_last_word_when_a_request_is_large_or_slow():
    settings = Settings()
    body = int(http().value("client_max_body_size").removesuffix("m")) * 1024 * 1024
    assert body > settings.upload_bytes + 100_000
    assert seconds(site().value("proxy_read_timeout")) > settings.command_seconds + 10
    assert seconds(site().value("proxy_connect_timeout")) < settings.command_seconds


def test_nginx_hands_on_to_the_app_service_when_asked():
    (upstream,) = http().named("upstream")
    assert upstream.words[1] == "app"
    assert "app" in compose()["services"]
    assert upstream.value("server") == f"app:{image_environment()['PORT']} resolve"
    assert {block.words[1] for block in nginx().walk() if block.words[0] == "proxy_pass"} == {"http://app"}


def test_security_headers_are_the_products_own_when_pages_pass_through():
    added = {block.words[1] for block in nginx().walk() if block.words[0] == "add_header"}
    assert added == {"Retry-After", "Cache-Control"}
    assert [block for block in nginx().walk() if block.words[0] in {"proxy_hide_header", "gzip"}] == []


def test_figures_stay_inside_when_asked_for_from_outside():
    (metrics,) = [block for block in site().named("location") if block.words[1:] == ("=", "/metrics")]
    assert metrics.value("return") == "404"


def test_certificates_are_mounted_where_nginx_looks_when_it_starts():
    mounts = [mount.split(":")[-2] for mount in compose()["services"]["nginx"]["volumes"]]
    folder = mounts[-1]
    assert mounts == ["/etc/nginx/nginx.conf", "/etc/nginx/certificates"]
    assert site().value("ssl_certificate") == f"{folder}/site.crt"
    assert site().value("ssl_certificate_key") == f"{folder}/site.key"


def test_log_keeps_no_query_when_a_request_is_noted():
    formats = "".join(block.words[2] + "".join(block.words[3:]) for block in http().named("log_format"))
    assert "$uri" in formats
    assert "$request_uri" not in formats
    assert "$args" not in formats
