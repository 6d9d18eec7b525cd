"""The recall list (收回清单) as PDF: what is out for an event or body, where it belongs, and what resolves it."""

from collections.abc import Sequence
from datetime import date

from server.circulation.occasions.queries import occasion_view
from server.circulation.occasions.types import OccasionView, RecallItem
from server.files.pdf import render_form
from server.files.types import Column, Form, FormTable
from server.kernel.actor import Actor
from server.kernel.instants import shanghai_day
from server.kernel.money import format_yuan
from server.kernel.reading import present

_COLUMNS = (
    Column(title="资产编号", share=2),
    Column(title="资产名称", share=2.2),
    Column(title="借用单号", share=1.9),
    Column(title="出借单位", share=1.9),
    Column(title="现在何人", share=1.6),
    Column(title="状态", share=1.2),
    Column(title="如何了结", share=1.7),
)
_SIGNATURES = ("负责人", "牵头单位资产管理员", "出借单位资产管理员")


async def recall_pdf(actor: Actor, occasion_id: str, site: str = "") -> bytes:
    """The recall list of an event or body within the actor's sight, as PDF bytes.

    `site`: the product's public address without a slash at the end, for the code that leads to the list. Raises
    NotFound `occasion.not_found` and what `files.pdf` raises.
    """
    view = await occasion_view(actor, occasion_id)
    return await render_form(_form(view, f"{site}/admin/occasions/{view.id}"))


def _form(view: OccasionView, qr_text: str) -> Form:
    at = present()
    day = shanghai_day(at)
    left = [item for item in view.items if not item.is_resolved]
    period = _day(view.ends_on) if view.starts_on is None else f"{_day(view.starts_on)}至{_day(view.ends_on)}"
    return Form(
        title="收回清单",
        number=f"截至{_day(day)}",
        unit=view.lead_unit_name,
        fields=(
            (view.kind_name, view.name),
            ("牵头单位", view.lead_unit_name),
            ("负责人", view.responsible_name or "—"),
            ("起止" if view.starts_on else "截止日期", period),
            ("状态", view.state_name),
            ("没有了结", f"{len(left)} 件，原值合计 {format_yuan(sum(item.value_fen for item in left))} 元"),
        ),
        table=FormTable(columns=_COLUMNS, rows=_rows(view.items)),
        qr_text=qr_text,
        signatures=_SIGNATURES,
        note="清单上的每一件都要归还、移交或核销；全部了结之前，活动不能办结，临时机构不能撤销。",
        printed_at=at,
        footer=view.name,
    )


def _rows(items: Sequence[RecallItem]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            item.asset_code,
            item.asset_name,
            item.number,
            item.holder_unit_name,
            item.with_name,
            item.state_name,
            item.way,
        )
        for item in items
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
