"""审计导出: the records that were asked for as a spreadsheet, with a signature beside it in one archive."""

import csv
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from urllib.parse import quote

import msgspec
from sanic import HTTPResponse, Request

from admin.audit import labels_for, subject_words
from admin.audit_words import actor_name, recorded_facts
from admin.door import door
from admin.words import action_name, outcome_badge, subject_name
from server.kernel.actor import Actor
from server.kernel.audit.export import SIGNATURE, Signed, Statement, begin_export, record_export, sign
from server.kernel.audit.queries import AuditFilter, AuditRow
from server.kernel.instants import SHANGHAI
from server.settings import load_secrets
from server.web.forms import TypedForm
from server.web.sessions import actor_of

HEADINGS = (
    "封存号", "时间", "办理人", "单位", "事项", "事项代码", "对象类别", "对象", "对象内部编号", "结果", "内容",
    "请求编号", "校验值",
)  # fmt: skip
NOTE = "说明.txt"
_NOTE = (
    "本压缩包由公物仓系统导出。{file} 是审计记录，{signature} 是对它的签名。\r\n"
    "核对：在系统服务器上执行 python -m server verify export 本压缩包。\r\n"
    "签名为 Ed25519，公钥见“审计链核对”页；签名内容写明条数、文件校验值与导出时审计链的末尾。\r\n"
)
# What a spreadsheet would take for a formula when it opens the file.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ExportForm(msgspec.Struct, frozen=True):
    """The filter of the list that is to be exported, as its form carries it."""

    person: str = ""
    action: str = ""
    subject: str = ""
    from_day: date | None = None
    to_day: date | None = None


@door.post("/audit/export", summary="导出审计记录")
async def export_audit(request: Request) -> HTTPResponse:
    """The archive; that it was taken out is recorded before it is handed over."""
    # Without a key: taken out twice is two exports, each recorded, and the second file is another one.
    actor, asked = actor_of(request), TypedForm[ExportForm].of(request).read(ExportForm)
    file = f"审计记录-{datetime.now(SHANGHAI):%Y%m%d-%H%M%S}.csv"
    content, statement = await _write(actor, asked, file)
    await record_export(actor, statement)
    signed = sign(load_secrets(request.app.ctx.settings).audit, statement)
    name = quote(file.removesuffix(".csv") + ".zip")
    return HTTPResponse(
        _archive(content, signed),
        content_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"},
    )


def safe(text: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


async def _write(actor: Actor, asked: ExportForm, file: str) -> tuple[bytes, Statement]:
    asking = msgspec.structs.asdict(asked)
    extract = await begin_export(actor, AuditFilter(**asking))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    rows = 0
    async for batch in extract.batches:
        labels = await labels_for(actor, batch)
        writer.writerows([safe(cell) for cell in _cells(event, labels)] for event in batch)
        rows += len(batch)
    content = text.getvalue().encode("utf-8-sig")
    statement = Statement(
        file=file,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        asked={name: str(value) for name, value in asking.items() if value},
        chain_count=extract.chain_count,
        chain_hash=extract.chain_hash,
        exported_at=datetime.now(UTC).isoformat(),
        exported_by=actor.person_name,
        unit=actor.unit_name,
    )
    return content, statement


def _cells(event: AuditRow, labels: dict[str, str]) -> tuple[str, ...]:
    kind = subject_name(event.subject_kind)
    return (
        str(event.sequence),
        f"{event.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        actor_name(event.actor_kind, event.actor_name),
        event.unit_name,
        action_name(event.action),
        event.action,
        kind,
        subject_words(event, labels).removeprefix(f"{kind} "),
        event.subject_id,
        outcome_badge(event.outcome).label,
        "；".join(f"{fact.term} {fact.value}" for fact in recorded_facts(event.facts, labels)),
        event.request_id,
        event.hash or "",
    )


def _archive(content: bytes, signed: Signed) -> bytes:
    file = signed.statement.file
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(file, content)
        archive.writestr(SIGNATURE, msgspec.json.format(msgspec.json.encode(signed), indent=1))
        archive.writestr(NOTE, _NOTE.format(file=file, signature=SIGNATURE))
    return packed.getvalue()
