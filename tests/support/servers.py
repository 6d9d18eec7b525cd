"""Private throw-away MariaDB and Redis, with the settings the product asks of a real one."""

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scripts.system import command
from tests.support.process import HOST, Server, ServerFailed, free_port

__all__ = ["MariaDB", "Redis", "Server", "ServerFailed", "free_port"]


class MariaDB(Server):
    """`with MariaDB() as server: server.url` → `mysql://root@127.0.0.1:<port>/`, no password, no database yet.

    `is_roomy`: with the memory and the log that docker/mariadb.cnf gives it, for measuring with many cards.
    """

    name = "mariadb"

    def __init__(self, *, is_roomy: bool = False) -> None:
        super().__init__()
        self.is_roomy = is_roomy

    @property
    def url(self) -> str:
        return f"mysql://root@{HOST}:{self.port}/"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def prepare(self) -> None:
        if (self.data / "mysql").exists():
            return
        install = command("mariadb-install-db", "mysql_install_db")
        line = [install, "--no-defaults", f"--datadir={self.data}", "--auth-root-authentication-method=normal",
                "--skip-test-db", *as_root()]  # fmt: skip
        done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise ServerFailed(f"mariadb-install-db failed\n{done.stdout[-4000:]}")

    def command(self) -> Sequence[str]:
        return [
            command("mariadbd", "mysqld"),
            "--no-defaults",
            *as_root(),
            f"--datadir={self.data}",
            f"--socket={self.folder / 's.sock'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--tmpdir={self.folder}",
            f"--bind-address={HOST}",
            f"--port={self.port}",
            "--skip-name-resolve",
            "--max-connections=600",
            # What the product asks of production: every commit on disk, and what it was measured with.
            "--innodb-flush-log-at-trx-commit=1",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_nopad_bin",
            "--transaction-isolation=READ-COMMITTED",
            # What makes a private one quick to start.
            f"--innodb-log-file-size={'256M' if self.is_roomy else '8M'}",
            f"--innodb-buffer-pool-size={'1G' if self.is_roomy else '128M'}",
            "--innodb-buffer-pool-dump-at-shutdown=OFF",
            "--innodb-buffer-pool-load-at-startup=OFF",
        ]

    def answers(self) -> bool:
        # A served client is greeted with a protocol packet, whose fifth byte is the version 10; an error has 255.
        greeting = exchange(self.port, b"")
        return len(greeting) > 4 and greeting[4] == 10


class Redis(Server):
    """`with Redis() as server: server.url` → `redis://127.0.0.1:<port>`. `is_durable`: AOF, fsync always."""

    name = "redis"

    def __init__(self, *, is_durable: bool = False) -> None:
        super().__init__()
        self.is_durable = is_durable

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}"

    def command(self) -> Sequence[str]:
        durable = ["--appendonly", "yes", "--appendfsync", "always"] if self.is_durable else ["--appendonly", "no"]
        return [
            command("redis-server"),
            *("--bind", HOST, "--port", str(self.port), "--dir", str(self.folder), "--daemonize", "no"),
            # Enough numbered databases for every worker's every test to have its own.
            *("--databases", "4096", "--save", "", "--loglevel", "warning", *durable),
        ]

    def answers(self) -> bool:
        return exchange(self.port, b"PING\r\n").startswith(b"+PONG")


def as_root() -> list[str]:
    """MariaDB refuses to run as root unless told so by name."""
    return ["--user=root"] if os.geteuid() == 0 else []


def exchange(port: int, message: bytes) -> bytes:
    """Connect, send, and return the first bytes of the answer; empty when nobody answers."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(message)
            return connection.recv(256)
    except OSError:
        return b""
