"""The borrowing slip (借用单) as PDF, and what its verification code shows to whoever scans it."""

import asyncio
from collections import Counter
from datetime import date

import msgspec

from server.circulation.queries.detail import borrowing_view
from server.circulation.states import STATE_NAMES
from server.circulation.types import BorrowingView
from server.files.pdf import render_form
from server.files.queries import file_for_reading
from server.files.types import Column, Form, FormTable, Signed
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_day_number, shanghai_day
from server.kernel.money import format_yuan
from server.kernel.reading import present, reading

_COLUMNS = (
    Column(title="资产编号", share=2.2),
    Column(title="资产名称", share=2.4),
    Column(title="原值（元）", share=1.1, align="right"),
    Column(title="领取人", share=1),
    Column(title="归还验收", share=1.3),
)


_SIGNATURES = ("借用单位经办人", "出借单位资产管理员", "仓管员")


class SlipFacts(msgspec.Struct, frozen=True):
    """What a paper's verification code shows: enough to compare with the paper, nothing personal."""

    number: str
    state_name: str
    borrower_unit_name: str
    holder_unit_name: str
    from_day: date
    to_day: date
    things: list[str]


async def slip_pdf(actor: Actor, borrowing_id: str, site: str = "") -> bytes:
    """The slip of a borrowing within the actor's sight, as PDF bytes.

    `site`: the product's public address without a slash at the end; the verification code is `{site}/s/{id}`, or the
    slip's number where no address is known. Raises NotFound `borrowing.not_found` and what `files.pdf` raises.
    """
    view = await borrowing_view(actor, borrowing_id)
    signed = await _signed(actor, view)
    return await render_form(_form(view, f"{site}/s/{view.id}" if site else view.number, signed))


async def _signed(actor: Actor, view: BorrowingView) -> tuple[Signed | None, ...]:
    """Who signed on the screen when the things went out, beside the posts of `_SIGNATURES`."""
    last = next((each for each in reversed(view.handovers) if each.kind == "issue"), None)
    if last is None:
        return ()
    on = shanghai_day(last.at)
    other = Signed(last.other_name, on, await _picture(actor, last.other_signature_id))
    return (other, None, Signed(last.keeper_name, on, await _picture(actor, last.keeper_signature_id)))


async def _picture(actor: Actor, file_id: str | None) -> bytes | None:
    """The drawn signature, for whoever may see it: the two units and nobody else."""
    if file_id is None:
        return None
    try:
        content = await file_for_reading(actor, file_id)
    except NotFound:
        return None
    return await asyncio.to_thread(content.path.read_bytes)


def _form(view: BorrowingView, qr_text: str, signed: tuple[Signed | None, ...]) -> Form:
    rows = tuple(
        (
            line.asset_code,
            f"{line.asset_name}（代 {line.instead_of_code}）" if line.instead_of_code else line.asset_name,
            format_yuan(line.value_fen),
            line.issued_to or "",
            line.inspection_result_name or "",
        )
        for line in view.lines
    )
    total = ("合计", f"{view.piece_count} 件", format_yuan(sum(line.value_fen for line in view.lines)), "", "")
    return Form(
        title="公物仓资产借用单",
        number=view.number,
        unit=view.borrower_unit_name,
        fields=(
            ("借用单位", view.borrower_unit_name),
            ("出借单位", view.holder_unit_name),
            ("经办人", view.applicant_name),
            ("办理状态", view.state_name),
            ("借用期限", f"{_day(view.from_day)}至{_day(view.to_day)}，共 {view.day_count} 天"),
            ("领取地点", view.place_name),
            ("用途", view.purpose),
            ("审批意见", _approvals(view)),
        ),
        table=FormTable(columns=_COLUMNS, rows=rows, total=total),
        qr_text=qr_text,
        signatures=_SIGNATURES,
        signed=signed,
        note="借用单位对所借资产负保管责任，到期归还；损坏、丢失的按规定处理。",
        printed_at=present(),
        footer=view.number,
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _approvals(view: BorrowingView) -> str:
    said = [
        f"{step.name}：{step.state_name}" + (f"（{step.decided_by_name}）" if step.decided_by_name else "")
        for step in view.chain.steps
    ]
    return "；".join(said)


async def slip_facts(borrowing_id: str) -> SlipFacts:
    """What a slip's verification code shows, to anybody who has the paper; raises NotFound `borrowing.not_found`."""
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT b.number, b.state, b.borrower_unit_name, b.holder_unit_name, b.from_day, b.to_day, l.asset_name"
            " FROM borrowing b JOIN borrowing_line l ON l.borrowing_id = b.id WHERE b.id = ? ORDER BY l.id",
            borrowing_id,
        )
    if not rows:
        raise NotFound("borrowing.not_found")
    first = rows[0]
    return SlipFacts(
        number=first["number"],
        state_name=STATE_NAMES[first["state"]],
        borrower_unit_name=first["borrower_unit_name"],
        holder_unit_name=first["holder_unit_name"],
        from_day=from_day_number(first["from_day"]),
        to_day=from_day_number(first["to_day"]),
        things=[
            name if count == 1 else f"{name}（{count} 件）"
            for name, count in Counter(row["asset_name"] for row in rows).items()
        ],
    )
