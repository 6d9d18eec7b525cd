"""Taking records of the audit out, with a signature by which anybody can tell that nothing was changed since.

Signed with Ed25519 under a key made from the audit's own: whoever holds the public key can check a file without being
able to sign one. The statement names the chain's head, so that the file can also be held against the chain.
"""

import csv
import hashlib
import hmac
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.kernel.actor import Actor
from server.kernel.audit.queries import AuditFilter, AuditRow, require_auditor, sealed_events, sealed_head
from server.kernel.command import command
from server.kernel.errors import LimitReached
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork

FORMAT = 1
# More than that is no reading matter, and a browser waits for it.
MOST_ROWS = 50_000
# The signature's name inside the archive, beside the file that it is of.
SIGNATURE = "签名.json"
_BATCH = 1000
_canonical = msgspec.json.Encoder(order="sorted")


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an exported file. `chain_count`, `chain_hash`: the chain's head when it was made; the file holds
    sealed records only. `exported_at`: ISO 8601 in UTC."""

    format: int = FORMAT
    file: str
    sha256: str
    rows: int
    asked: dict[str, str]
    chain_count: int
    chain_hash: str
    exported_at: str
    exported_by: str
    unit: str


class Signed(msgspec.Struct, frozen=True):
    """A statement with its signature and the public key that it is checked with, both in hexadecimal."""

    statement: Statement
    signature: str
    public_key: str


class Extract(msgspec.Struct, frozen=True):
    """The chain's head at the beginning of an export, and the records up to it, oldest first, in batches."""

    chain_count: int
    chain_hash: str
    batches: AsyncIterator[list[AuditRow]]


async def begin_export(actor: Actor, wanted: AuditFilter) -> Extract:
    """What is to be written. Raises Forbidden `role.required`; while it is read, LimitReached
    `audit.export_too_large` (limit) past MOST_ROWS: nothing is left out silently."""
    require_auditor(actor)
    count, digest = await sealed_head()
    return Extract(count, digest, _limited(actor, wanted, count))


async def _limited(actor: Actor, wanted: AuditFilter, count: int) -> AsyncIterator[list[AuditRow]]:
    given = 0
    async for batch in sealed_events(actor, wanted, count, _BATCH):
        given += len(batch)
        if given > MOST_ROWS:
            raise LimitReached("audit.export_too_large", limit=MOST_ROWS)
        yield batch


@command("audit.export")
async def record_export(uow: UnitOfWork, actor: Actor, statement: Statement) -> datetime:
    """Record that the actor takes these records out, before they are handed over. Raises Forbidden `role.required`."""
    require_auditor(actor)
    await uow.record(
        "audit.exported",
        "audit",
        statement.sha256[:16],
        sha256=statement.sha256,
        rows=statement.rows,
        asked=statement.asked,
        sealed=statement.chain_count,
    )
    return await uow.now()


def sign(key: bytes, statement: Statement) -> Signed:
    """The statement under the installation's own signature. `key`: the audit's."""
    private = _private_key(key)
    return Signed(statement, private.sign(_canonical.encode(statement)).hex(), public_key(key))


def public_key(key: bytes) -> str:
    """What others check signatures with; may be given to anybody."""
    return _private_key(key).public_key().public_bytes_raw().hex()


def faults_of(signed: Signed, key: bytes, content: bytes, rows: int) -> list[str]:
    """What does not fit between a signed statement and the file beside it, in sentences; empty where all does."""
    if signed.public_key != public_key(key) or not _is_signed(signed):
        return ["签名不是本系统的，或签名文件被改动过"]
    statement, faults = signed.statement, []
    if hashlib.sha256(content).hexdigest() != statement.sha256:
        faults.append("文件内容与签名不符：导出后被改动过")
    if rows != statement.rows:
        faults.append(f"文件有 {rows:,} 条，签名写明 {statement.rows:,} 条")
    return faults


async def verify_export(key: bytes, file: Path | None) -> list[str]:
    """Every fault of an exported archive, in sentences: its signature, its content, and whether the chain that it
    speaks of is still the chain."""
    try:
        signed, content = _opened(file)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, msgspec.DecodeError) as error:
        return [f"读不出导出的压缩包 {file or ''}：文件缺失、被截断或不是本系统导出的（{type(error).__name__}）"]
    rows = sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig", errors="replace")))) - 1
    return faults_of(signed, key, content, rows) or await _faults_of_chain(signed.statement)


def _opened(file: Path | None) -> tuple[Signed, bytes]:
    if file is None:
        raise FileNotFoundError("no file was named")
    with zipfile.ZipFile(file) as archive:
        signed = msgspec.json.decode(archive.read(SIGNATURE), type=Signed)
        return signed, archive.read(signed.statement.file)


async def _faults_of_chain(statement: Statement) -> list[str]:
    if statement.chain_count == 0:
        return []
    async with reading() as db:
        row = await db.fetch_one("SELECT hash FROM audit_event WHERE sequence = ?", statement.chain_count)
    if row is None or row["hash"] != statement.chain_hash:
        return [f"文件没有问题，但库里第 {statement.chain_count:,} 条与导出时不符：审计链在导出后被改动或恢复过"]
    return []


def _is_signed(signed: Signed) -> bool:
    try:
        verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.public_key))
        verifier.verify(bytes.fromhex(signed.signature), _canonical.encode(signed.statement))
    except (ValueError, InvalidSignature):
        return False
    return True


def _private_key(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hmac.new(key, b"audit: export signature", hashlib.sha256).digest())
