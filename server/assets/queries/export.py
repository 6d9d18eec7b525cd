"""The ledger as a table to take along: the cards of the list, with everything that a card's page shows."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from server.assets.queries.table import best_cards, card_conditions
from server.assets.states import CONDITION_NAMES, STATE_NAMES
from server.assets.types import CardFilter
from server.files.tables import Heading, Rows, Value
from server.kernel.actor import Actor
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Reader, Row

CARD_HEADINGS = (
    Heading("资产编号", width=30),
    Heading("财政一体化卡片号", width=20),
    Heading("资产名称", width=30),
    Heading("品牌"),
    Heading("型号"),
    Heading("规格", width=24),
    Heading("分类代码"),
    Heading("分类名称", width=18),
    Heading("账面原值（元）", "fen"),
    Heading("取得日期", "day", 12),
    Heading("新旧程度", width=10),
    Heading("状态", width=10),
    Heading("权属单位", width=24),
    Heading("持有单位", width=24),
    Heading("保管人", width=10),
    Heading("存放地点", width=24),
    Heading("涉密", width=6),
    Heading("存储介质", width=10),
    Heading("冻结原因"),
    Heading("建卡时间", "instant", 20),
)
_SELECT = (
    "SELECT c.id, c.code, c.finance_card_no, c.item_name, c.brand, c.model, c.specification, c.category_code,"
    " g.name AS category_name, c.value_fen, c.acquired_on, c.condition, c.state, o.name AS owner_name,"
    " h.name AS holder_name, k.name AS custodian_name, p.name AS place_name, c.is_classified, c.is_storage_medium,"
    " c.frozen_reason, c.created_at FROM asset_card c LEFT JOIN category g ON g.code = c.category_code"
    " LEFT JOIN unit o ON o.id = c.owner_unit_id LEFT JOIN unit h ON h.id = c.holder_unit_id"
    " LEFT JOIN place p ON p.id = c.place_id LEFT JOIN person k ON k.id = c.custodian_id"
)
_SLICE = 1_000


async def card_table(actor: Actor, wanted: CardFilter) -> Rows:
    """The rows of `CARD_HEADINGS` for exactly the cards that `list_cards` shows, in its order, a slice at a time.

    Raises InvalidInput for an unknown state.
    """
    # Without the deadline of a page: a district's cards take their time.
    async with current_runtime().database.reading() as db:
        slices = _best(db, actor, wanted) if wanted.text.strip() else _newest(db, actor, wanted)
        async with aclosing(slices):
            async for rows in slices:
                for row in rows:
                    yield _cells(row)


async def _newest(db: Reader, actor: Actor, wanted: CardFilter) -> AsyncGenerator[list[Row], None]:
    conditions, values = card_conditions(actor, wanted)
    last = "~"
    while True:
        rows = await db.fetch_all(
            f"{_SELECT} WHERE {conditions} AND c.id < ? ORDER BY c.id DESC LIMIT {_SLICE}", *values, last
        )
        yield rows
        if len(rows) < _SLICE:
            return
        last = rows[-1]["id"]


async def _best(db: Reader, actor: Actor, wanted: CardFilter) -> AsyncGenerator[list[Row], None]:
    ids = await best_cards(db, actor, wanted)
    for start in range(0, len(ids), _SLICE):
        some = ids[start : start + _SLICE]
        rows = await db.fetch_all(f"{_SELECT} WHERE c.id IN ({', '.join('?' * len(some))})", *some)
        by_id = {row["id"]: row for row in rows}
        yield [by_id[each] for each in some if each in by_id]


def _cells(row: Row) -> Sequence[Value]:
    return (
        row["code"],
        row["finance_card_no"],
        row["item_name"],
        row["brand"],
        row["model"],
        row["specification"],
        row["category_code"],
        row["category_name"],
        row["value_fen"],
        from_day_number(row["acquired_on"]),
        CONDITION_NAMES[row["condition"]],
        STATE_NAMES[row["state"]],
        row["owner_name"],
        row["holder_name"],
        row["custodian_name"],
        row["place_name"],
        "是" if row["is_classified"] else "否",
        "是" if row["is_storage_medium"] else "否",
        row["frozen_reason"],
        from_microseconds(row["created_at"]),
    )
