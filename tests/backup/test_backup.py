"""A backup made beside a working product comes back whole, on either storage; a spoilt one does not come back."""

import asyncio
import base64
import gzip
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.backup import bring_back, mariadb_copy
from server.backup.manifest import read_manifest, write_manifest
from server.files.store import file_path
from server.kernel.audit.anchors import write_anchor
from server.kernel.reading import reading
from server.migrations.runner import RESTORING
from server.opening import opened
from server.settings import Settings, load_secrets
from tests.factories.assets import PROJECTOR
from tests.factories.circulation import make_hall, make_photograph
from tests.factories.town import Town, make_town
from tests.support.command_line import Ended, require_sentence, run, run_apart
from tests.support.databases import drop_database, new_database, new_redis_url
from tests.support.phones import Phone, phones
from tests.support.served import Product, running
from tests.support.waiting import eventually

KEYS = {
    "SECRET_KEY": secrets.token_hex(32),
    "AUDIT_KEY": secrets.token_hex(32),
    "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
}
Environment = dict[str, str]


@pytest.fixture
def source(product_environment: Environment) -> Environment:
    """An installed product with keys that are kept outside its data."""
    return {**product_environment, **KEYS}


@pytest.fixture
def target(storage: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Environment]:
    """An empty place with the same keys."""
    here = {"ENVIRONMENT": "test", "DATA_DIR": str(tmp_path / "new"), **KEYS}
    if storage == "sqlite":
        yield here
        return
    url = new_database(request.getfixturevalue("mariadb_server"))
    yield {**here, "DATABASE_URL": url, "REDIS_URL": new_redis_url(request.getfixturevalue("redis_server"))}
    drop_database(url)


async def rows(environment: Environment, sql: str) -> list[dict[str, Any]]:
    """What the database of `environment` holds."""
    async with opened(Settings.from_environment(environment)), reading() as db:
        return await db.fetch_all(sql)


# Under load, and back


@dataclass
class Writing:
    """Somebody registers cards without a rest; `acknowledged` grows with each answer."""

    acknowledged: list[str]

    async def go_on(self, phone: Phone, place_id: str) -> None:
        while True:
            card = {
                "item_name": "投影仪",
                "brand": "爱普生",
                "model": "CB-X06",
                "category_code": PROJECTOR,
                "value_fen": 459_900,
                "acquired_on": "2024-03-18",
                "condition": "good",
                "place_id": place_id,
            }
            answer = await phone.post("/assets", card)
            assert answer.status_code == 201, answer.text
            self.acknowledged.append(answer.json()["data"]["id"])

    async def has(self, number: int) -> None:
        await eventually(lambda: len(self.acknowledged) >= number, 120)


@asynccontextmanager
async def writing(product: Product, town: Town) -> AsyncIterator[Writing]:
    """Two phones that write until the block ends."""
    made = Writing([])
    async with phones(product, [town.lender] * 2) as held:
        places = (await held[0].get("/places")).json()["data"]["items"]
        tasks = [asyncio.create_task(made.go_on(phone, places[0]["id"])) for phone in held]
        try:
            yield made
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended


async def test_every_acknowledged_write_is_there_when_a_backup_made_under_load_is_brought_back(
    source: Environment, target: Environment, tmp_path: Path
):
    anchors = str(tmp_path / "elsewhere" / "audit.jsonl")
    source, target = {**source, "AUDIT_ANCHOR_FILE": anchors}, {**target, "AUDIT_ANCHOR_FILE": anchors}
    town, folder = await make_town(source), tmp_path / "backup"
    session_secrets = await rows(source, "SELECT csrf_token FROM session")
    with running(source) as product:
        async with writing(product, town) as made:
            await made.has(20)
            before = list(made.acknowledged)
            done = await run_apart(source, "backup", "--to", str(folder))
            await made.has(len(made.acknowledged) + 5)
        # The anchors go on to say that there was more: what is lost must be known to be lost.
        await eventually(lambda: is_sealed(source), 60)
    assert done.code == 0, done.err
    assert "数据库 100%" in done.err
    require_no_secrets(folder, [*KEYS.values(), town.lender, *(row["csrf_token"] for row in session_secrets)])
    await write_an_anchor(source)

    back = await run(target, "restore", "--from", str(folder))
    assert back.code == 0, (back.out, back.err)
    assert back.out.count("核对一致") == 2
    assert "核对备份 100%" in back.err
    there = {row["id"] for row in await rows(target, "SELECT id FROM asset_card")}
    assert set(before) <= there
    assert {*there} < {row["id"] for row in await rows(source, "SELECT id FROM asset_card")}
    assert await rows(target, "SELECT id FROM session") == []
    assert [row["subject_kind"] for row in await restorations(target)] == ["backup"]
    with Product(target) as product:
        assert product.answers()
    assert (await run(target, "verify", "audit")).out.endswith("核对一致，没有差异\n")
    require_sentence(await run(target, "restore", "--from", str(folder)), "已有数据")


async def is_sealed(environment: Environment) -> bool:
    """Whether the sealer has caught up."""
    return not await rows(environment, "SELECT id FROM audit_event WHERE sequence IS NULL LIMIT 1")


async def write_an_anchor(environment: Environment) -> None:
    settings = Settings.from_environment(environment)
    async with opened(settings):
        assert await write_anchor(settings.anchor_file) is not None


async def restorations(environment: Environment) -> list[dict[str, Any]]:
    return await rows(environment, "SELECT subject_kind FROM audit_event WHERE action = 'backup.restored'")


def require_no_secrets(folder: Path, secrets_: list[str]) -> None:
    """No key, token or form token stands in any file of the backup, packed or not."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            data += gzip.decompress(data) if path.suffix == ".gz" else b""
            assert not [secret for secret in secrets_ if secret.encode() in data], path


# Spoilt backups


@pytest.fixture
async def backup(source: Environment, tmp_path: Path) -> Path:
    """A small backup with one picture in it."""
    async with opened(Settings.from_environment(source)):
        hall = await make_hall()
        await make_photograph(hall.lender)
    folder = tmp_path / "backup"
    done = await run(source, "backup", "--to", str(folder))
    assert done.code == 0, done.err
    return folder


def database_part(folder: Path) -> Path:
    """The part that holds the cards."""
    sqlite = folder / "gwc.sqlite3"
    return sqlite if sqlite.exists() else folder / "tables" / "asset_card.jsonl.gz"


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def picture(folder: Path) -> Path:
    return next(path for path in (folder / "files").rglob("*") if path.is_file())


def reseal(folder: Path, **changes: Any) -> None:
    """A manifest that somebody with the keys has written: of another release, of the other storage."""
    keys = load_secrets(Settings.from_environment({"ENVIRONMENT": "test", "DATA_DIR": str(folder), **KEYS}))
    write_manifest(folder, msgspec.structs.replace(read_manifest(folder, keys), **changes), keys)


def newer(folder: Path) -> None:
    keys = load_secrets(Settings.from_environment({"ENVIRONMENT": "test", "DATA_DIR": str(folder), **KEYS}))
    last = read_manifest(folder, keys).versions[-1]
    reseal(folder, versions=[msgspec.structs.replace(last, version=9000)])


def unlike(folder: Path) -> None:
    keys = load_secrets(Settings.from_environment({"ENVIRONMENT": "test", "DATA_DIR": str(folder), **KEYS}))
    last = read_manifest(folder, keys).versions[-1]
    reseal(folder, versions=[msgspec.structs.replace(last, checksum="0" * 64)])


def retell(folder: Path) -> None:
    """Change the list itself, as whoever changed a part would have to."""
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"stored_files": 1', b'"stored_files": 7'))


SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "unfinished": (lambda folder: (folder / "manifest.json").unlink(), "没有完整的备份"),
    "unsealed": (lambda folder: (folder / "manifest.seal").unlink(), "manifest.seal"),
    "garbled": (lambda folder: (folder / "manifest.json").write_text("{"), "已损坏"),
    "retold": (retell, "备份被改动过"),
    "changed": (lambda folder: flip(database_part(folder)), "与清单不符"),
    "cut off": (lambda folder: cut(database_part(folder)), "被截断"),
    "incomplete": (lambda folder: database_part(folder).unlink(), "备份缺少"),
    "picture changed": (lambda folder: flip(picture(folder)), "缺失或损坏"),
    "picture lost": (lambda folder: picture(folder).unlink(), "缺失或损坏"),
    "files untold": (lambda folder: (folder / "files.list").write_text(""), "files.list"),
    "newer": (newer, "先升级程序"),
    "of another program": (unlike, "用做备份的那个版本"),
    "of another format": (lambda folder: reseal(folder, format=2), "备份格式 2"),
    "of the other storage": (lambda folder: reseal(folder, storage="mariadb" if (folder / "gwc.sqlite3").exists()
                             else "sqlite"), "不能直接恢复"),
}  # fmt: skip


async def test_spoilt_backup_is_refused_and_nothing_is_written(backup: Path, target: Environment, tmp_path: Path):
    for name, (spoil, words) in SPOILT.items():
        spoilt = tmp_path / "spoilt"
        shutil.copytree(backup, spoilt)
        spoil(spoilt)
        ended = await run(target, "restore", "--from", str(spoilt))
        assert words in ended.err, (name, ended)
        require_sentence(ended, words)
        shutil.rmtree(spoilt)
    for name in KEYS:
        other = {**target, name: KEYS[name][:-4] + ("AAA=" if name == "FIELD_KEYS" else "0000")}
        require_sentence(await run(other, "restore", "--from", str(backup)), f"另一把 {name}")
    # After all that the place is as empty as before, and the good one comes back.
    ended = await run(target, "restore", "--from", str(backup))
    assert ended.code == 0, ended
    async with opened(Settings.from_environment(target)), reading() as db:
        stored = await db.fetch_one("SELECT sha256 FROM stored_file")
        assert stored is not None
        assert file_path(stored["sha256"]).exists()


async def test_no_process_works_on_half_a_restoration_and_it_may_be_run_again(
    backup: Path, target: Environment, monkeypatch: pytest.MonkeyPatch
):
    async def power_cut(*_: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(bring_back, "_go_on_from", power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            await run(target, "restore", "--from", str(backup))
    for command in ("serve", "migrate", "verify audit"):
        require_sentence(await run(target, *command.split()), "恢复没有完成", "restore")
    assert (await run(target, "restore", "--from", str(backup))).code == 0
    assert await rows(target, f"SELECT version FROM schema_version WHERE version = {RESTORING}") == []
    # Whole, it is nothing that another restoration may go over.
    require_sentence(await run(target, "restore", "--from", str(backup)), "已有数据")


async def test_restoration_is_refused_when_something_is_lost_on_the_way_meanwhile(
    backup: Path, target: Environment, storage: str, monkeypatch: pytest.MonkeyPatch
):
    copy, insert = shutil.copyfile, mariadb_copy._insert

    def lose_the_end(source: Path, draft: Path) -> None:
        copy(source, draft)
        with draft.open("rb+") as file:
            file.truncate(draft.stat().st_size // 2)

    async def lose_a_row(transaction: Any, name: str, columns: list[str], found: list[list[Any]]) -> None:
        await insert(transaction, name, columns, found[1:] if name == "asset_card" else found)

    with monkeypatch.context() as patch:
        patch.setattr("server.backup.sqlite_copy.shutil.copyfile", lose_the_end)
        patch.setattr(mariadb_copy, "_insert", lose_a_row)
        words = "没有写完整" if storage == "sqlite" else "表 asset_card 只装入了 0 行，应为 1 行"
        require_sentence(await run(target, "restore", "--from", str(backup)), words)
    assert (await run(target, "restore", "--from", str(backup))).code == 0


async def test_backup_is_refused_when_its_folder_is_taken_and_told_when_a_file_is_lost(
    backup: Path, source: Environment, tmp_path: Path
):
    require_sentence(await run(source, "backup", "--to", str(backup)), "不是空目录")
    async with opened(Settings.from_environment(source)), reading() as db:
        stored = await db.fetch_one("SELECT sha256 FROM stored_file")
        assert stored is not None
        flip(file_path(stored["sha256"]))
    ended: Ended = await run(source, "backup", "--to", str(tmp_path / "second"))
    assert ended.code == 1
    assert f"没有备份：{stored['sha256']}" in ended.out
    made = await rows(source, "SELECT facts FROM audit_event WHERE action = 'backup.made'")
    assert len(made) == 2
