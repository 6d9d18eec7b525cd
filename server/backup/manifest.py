"""What a backup says of itself: which schema, which keys, how far the audit went, and what every part's bytes are.

The manifest is written last, so that a backup without one is unfinished; and it is authenticated with the audit's key,
so that whoever can change a part cannot also make the list agree.
"""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

import msgspec

from server.migrations.runner import Migration
from server.settings import Secrets

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = "manifest.seal"
FILES = "files"
FILE_LIST = "files.list"
ANCHORS = "anchors.jsonl"
_BLOCK = 1 << 20

# What is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


class BackupError(Exception):
    """A backup cannot be made or brought back; the message says why and what to do."""


class SchemaVersion(msgspec.Struct, frozen=True):
    """One migration that the database had run."""

    version: int
    name: str
    checksum: str


class Part(msgspec.Struct, frozen=True):
    """One file of the backup, by its path below the backup's folder. `rows`: of a table's part."""

    path: str
    size: int
    sha256: str
    rows: int = 0


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The whole. `made_at`: ISO 8601 in UTC, of the snapshot; `audit_count`, `audit_hash`: the chain's head in it.

    `keys`: a fingerprint of each key by name, never a key. `missing`: stored files that were not there or damaged.
    """

    format: int
    storage: str
    made_at: str
    versions: list[SchemaVersion]
    keys: dict[str, str]
    audit_count: int
    audit_hash: str
    parts: list[Part]
    stored_files: int
    missing: list[str]


def write_manifest(folder: Path, manifest: Manifest, keys: Secrets) -> None:
    """Write it and its seal; with them the backup is finished."""
    body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (folder / SEAL).write_text(_seal(body, keys))
    (folder / MANIFEST).write_bytes(body)


def read_manifest(folder: Path, keys: Secrets) -> Manifest:
    """The manifest of a finished backup that was made with these keys. Raises BackupError in a sentence."""
    try:
        body, seal = (folder / MANIFEST).read_bytes(), (folder / SEAL).read_text()
    except FileNotFoundError as error:
        raise BackupError(f"{folder} 里没有完整的备份（缺少 {Path(error.filename).name}），备份可能中途中断") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"读不了 {folder} 里的备份：请核对路径与权限") from error
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupError("备份的清单 manifest.json 已损坏") from error
    if manifest.format != FORMAT:
        raise BackupError(f"备份格式 {manifest.format} 不是本程序认识的 {FORMAT}：请用做备份的那个版本恢复")
    _check_keys(manifest, keys)
    if not hmac.compare_digest(seal.encode(), _seal(body, keys).encode()):
        raise BackupError("备份的清单与其印记不符：备份被改动过，不能恢复")
    return manifest


def fingerprints(keys: Secrets) -> dict[str, str]:
    """What tells keys apart without telling the keys."""
    named = {"SECRET_KEY": keys.main, "AUDIT_KEY": keys.audit}
    named |= {f"FIELD_KEYS {key_id}": key for key_id, key in keys.field_keys.items()}
    return {name: hmac.new(key, b"backup: which key", hashlib.sha256).hexdigest()[:16] for name, key in named.items()}


def check_versions(manifest: Manifest, known: list[Migration]) -> None:
    """Raise BackupError unless this release knows every migration that the backup's database had run."""
    checksums = {migration.version: migration.checksum for migration in known}
    newest = max(checksums)
    for each in manifest.versions:
        if each.version > newest:
            raise BackupError(f"备份的数据库版本 {each.version:04d} 比本程序（{newest:04d}）新：请先升级程序再恢复")
        if checksums.get(each.version) != each.checksum:
            raise BackupError(f"备份里的升级 {each.version:04d} 与本程序的不一致：请用做备份的那个版本恢复")


def part_of(folder: Path, path: Path, *, rows: int = 0) -> Part:
    """A finished file of the backup."""
    return Part(path.relative_to(folder).as_posix(), path.stat().st_size, hash_of(path), rows)


def check_parts(folder: Path, manifest: Manifest, progress: Progress) -> None:
    """Read every part; BackupError names the first that is missing, cut off or changed."""
    total = sum(part.size for part in manifest.parts)
    done = 0
    for part in manifest.parts:
        path = folder / part.path
        if not path.is_file():
            raise BackupError(f"备份缺少 {part.path}，不能恢复")
        if path.stat().st_size != part.size:
            raise BackupError(f"备份的 {part.path} 大小不对（应为 {part.size:,} 字节）：传输或保存时被截断")
        if hash_of(path) != part.sha256:
            raise BackupError(f"备份的 {part.path} 与清单不符：内容被改动或损坏")
        done += part.size
        progress("核对备份", done, total)


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _check_keys(manifest: Manifest, keys: Secrets) -> None:
    mine = fingerprints(keys)
    for name, fingerprint in manifest.keys.items():
        if mine.get(name) != fingerprint:
            raise BackupError(f"备份是用另一把 {name} 做的：请先恢复做备份时的密钥，否则内容读不出来、审计核对不过")


def _seal(body: bytes, keys: Secrets) -> str:
    key = hmac.new(keys.audit, b"backup: manifest", hashlib.sha256).digest()
    return hmac.new(key, body, hashlib.sha256).hexdigest()
