"""Whether every promise holds: the days, the loans and the cards say the same, for auditors and after a crash."""

from datetime import date

from server.circulation.hours import units_between
from server.circulation.lines import LineState, line_state, state_of_issued
from server.circulation.losses.verification import NEVER_OF_LOSSES
from server.circulation.states import STATE_NAMES
from server.kernel.instants import days_between, from_day_number, from_microseconds, shanghai_day, to_day_number
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Reader, Row

_NEVER_ISSUED = {"rejected", "withdrawn", "expired"}
_BEGUN = {"issued", "returned", "inspected", "closed"}
_CARD_STATES = {
    LineState.OUT: "on_loan",
    LineState.RETURNED: "return_inspection",
    LineState.DAMAGED: "return_inspection",
    LineState.LOST: "lost",
}
# Borrowings read together: each may have hundreds of cards and each card hundreds of days.
_BATCH = 100
# What to say of rows that may not be.
_NEVER = {
    "占用日 {what} 没有对应的借用单": (
        "SELECT d.id AS what FROM asset_day d LEFT JOIN borrowing_line l"
        " ON l.borrowing_id = d.borrowing_id AND l.asset_id = d.asset_id WHERE l.id IS NULL AND d.borrowing_id <> ''"
    ),
    "占用时段 {what} 没有对应的借用单": (
        "SELECT s.id AS what FROM asset_slot s LEFT JOIN borrowing_line l"
        " ON l.borrowing_id = s.borrowing_id AND l.asset_id = s.asset_id WHERE l.id IS NULL"
    ),
    "资产 {what} 各日记的时段数与占用的时段不符": (
        "SELECT d.asset_id AS what FROM asset_day d WHERE d.borrowing_id = '' GROUP BY d.asset_id"
        " HAVING SUM(d.slots) <> (SELECT COUNT(*) FROM asset_slot s WHERE s.asset_id = d.asset_id)"
        " OR MIN(d.slots) < 1"
    ),
    "占用时段 {what} 没有对应的占用日": (
        "SELECT s.id AS what FROM asset_slot s LEFT JOIN asset_day d"
        " ON d.asset_id = s.asset_id AND d.borrowing_id = '' WHERE d.id IS NULL"
    ),
    "{what}：没有借用的资产": (
        "SELECT b.number AS what FROM borrowing b LEFT JOIN borrowing_line l ON l.borrowing_id = b.id"
        " WHERE l.id IS NULL"
    ),
    "资产 {what} 状态为借出，借用中的单据却不是正好一张": (
        "SELECT c.code AS what FROM asset_card c WHERE c.state = 'on_loan' AND 1 <> (SELECT COUNT(*)"
        " FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id WHERE l.asset_id = c.id"
        " AND b.state = 'issued' AND l.issued_at IS NOT NULL AND l.returned_at IS NULL AND l.lost_at IS NULL)"
    ),
    "{what}：审批中，却没有等待中的审批": (
        "SELECT b.number AS what FROM borrowing b LEFT JOIN approval_chain a ON a.subject_kind = 'borrowing'"
        " AND a.subject_id = b.id AND a.state IN ('pending', 'returned') WHERE b.state = 'submitted' AND a.id IS NULL"
    ),
    "{what}：续借在审批中，却没有等待中的审批": (
        "SELECT b.number AS what FROM borrowing_renewal n JOIN borrowing b ON b.id = n.borrowing_id"
        " LEFT JOIN approval_chain a ON a.subject_kind = 'renewal' AND a.subject_id = n.id"
        " AND a.state IN ('pending', 'returned')"
        " WHERE n.state = 'pending' AND a.id IS NULL"
    ),
    "{what}：续借已有结果，审批却还在等待": (
        "SELECT b.number AS what FROM borrowing_renewal n JOIN borrowing b ON b.id = n.borrowing_id"
        " JOIN approval_chain a ON a.subject_kind = 'renewal' AND a.subject_id = n.id"
        " AND a.state IN ('pending', 'returned')"
        " WHERE n.state <> 'pending'"
    ),
    "活动“{what}”已经办结，为它借的还没有了结": (
        "SELECT o.name AS what FROM occasion o WHERE o.state = 'closed' AND EXISTS (SELECT 1 FROM borrowing b"
        " WHERE b.occasion_id = o.id AND b.state NOT IN ('rejected', 'withdrawn', 'expired', 'closed'))"
    ),
    "临时机构“{what}”已经撤销，为它借的还没有了结": (
        "SELECT u.name AS what FROM unit u WHERE u.kind = 'temporary_body' AND u.is_active = 0"
        # What is merged goes on with its successor.
        " AND NOT EXISTS (SELECT 1 FROM unit_change x WHERE x.from_unit_id = u.id AND x.kind = 'merge'"
        " AND x.state = 'done') AND EXISTS (SELECT 1 FROM borrowing b WHERE (b.for_unit_id = u.id"
        " OR b.borrower_unit_id = u.id) AND b.state NOT IN ('rejected', 'withdrawn', 'expired', 'closed'))"
    ),
    **NEVER_OF_LOSSES,
    "{what}：不在审批中，审批却还在等待": (
        "SELECT b.number AS what FROM borrowing b JOIN approval_chain a ON a.subject_kind = 'borrowing'"
        " AND a.subject_id = b.id AND a.state IN ('pending', 'returned') WHERE b.state <> 'submitted'"
    ),
}


async def verify_promises() -> list[str]:
    """A sentence for each borrowing whose days or cards are not what its state says. Empty: all promises hold."""
    faults: list[str] = []
    last = ""
    # Without the deadline of a page: a whole city's loans take their time.
    async with current_runtime().database.reading() as reader:
        faults += await _strangers(reader)
        while rows := await reader.fetch_all(
            "SELECT b.id, b.number, b.state, b.from_day, COALESCE(n.to_day, b.to_day) AS to_day, b.starts_at, b.ends_at"
            " FROM borrowing b"
            " LEFT JOIN borrowing_renewal n ON n.open_key = b.id WHERE b.id > ? ORDER BY b.id LIMIT ?",
            last,
            _BATCH,
        ):
            last = rows[-1]["id"]
            lines = await _lines(reader, rows[0]["id"], last)
            held = await _held(reader, rows[0]["id"], last)
            for row in rows:
                faults += _faults(row, lines.get(row["id"], []), held)
    return faults


async def _lines(reader: Reader, first: str, last: str) -> dict[str, list[Row]]:
    lines: dict[str, list[Row]] = {}
    for row in await reader.fetch_all(
        "SELECT l.*, c.state AS card_state, c.code FROM borrowing_line l JOIN asset_card c ON c.id = l.asset_id"
        " WHERE l.borrowing_id >= ? AND l.borrowing_id <= ?",
        first,
        last,
    ):
        lines.setdefault(row["borrowing_id"], []).append(row)
    return lines


async def _held(reader: Reader, first: str, last: str) -> dict[tuple[str, str], set[int]]:
    """The days, or the half hours, that each borrowing holds of each card."""
    held: dict[tuple[str, str], set[int]] = {}
    for sql in (
        "SELECT borrowing_id, asset_id, day AS held FROM asset_day WHERE borrowing_id >= ? AND borrowing_id <= ?",
        (
            "SELECT borrowing_id, asset_id, starts_at AS held FROM asset_slot"
            " WHERE borrowing_id >= ? AND borrowing_id <= ?"
        ),
    ):
        for row in await reader.fetch_all(sql, first, last):
            held.setdefault((row["borrowing_id"], row["asset_id"]), set()).add(row["held"])
    return held


async def _strangers(reader: Reader) -> list[str]:
    return [
        sentence.format(what=row["what"]) for sentence, sql in _NEVER.items() for row in await reader.fetch_all(sql)
    ]


def _faults(row: Row, lines: list[Row], held: dict[tuple[str, str], set[int]]) -> list[str]:
    number, state = row["number"], row["state"]
    where = [line_state(line) for line in lines]
    faults = []
    if state in _BEGUN and (follows := state_of_issued(where)) != state:
        faults.append(f"{number}：按各件的情况应为“{STATE_NAMES[follows]}”，记录为“{STATE_NAMES[state]}”")
    if state not in _BEGUN and set(where) - {LineState.WAITING}:
        faults.append(f"{number}：“{STATE_NAMES[state]}”，却有资产已经发出")
    for line, place in zip(lines, where, strict=True):
        days = held.get((row["id"], line["asset_id"]), set())
        of_time = _days_fault if row["ends_at"] is None else _hours_fault
        sentence = of_time(row, line, place, days) or _card_fault(line, place)
        if sentence:
            faults.append(f"{number}：{line['code']} {sentence}")
    return faults


def _days_fault(row: Row, line: Row, where: LineState, held: set[int]) -> str:
    """What is wrong with the days that a line holds."""
    applied = _run(from_day_number(row["from_day"]), row)
    if where is LineState.RELEASED or row["state"] in _NEVER_ISSUED:
        return f"已经释放，仍占用 {len(held)} 天" if held else ""
    if where is LineState.WAITING:
        return f"应占用 {len(applied)} 天，实际占用 {len(held)} 天" if held != applied else ""
    if where is LineState.OUT:
        # From the day on which it went out: an equal card that stands in for another is held no earlier.
        missing = _run(_day(line["issued_at"]), row) - held
        return f"借用中，但有 {len(missing)} 天没有占用" if missing else ""
    is_lost = line["lost_at"] is not None
    back = to_day_number(_day(line["lost_at"] if is_lost else line["returned_at"]))
    said = "已报遗失，仍占用" if is_lost else "已归还，仍占用归还"
    return f"{said}以后的日期" if any(day > back for day in held) else ""


def _hours_fault(row: Row, line: Row, where: LineState, held: set[int]) -> str:
    """What is wrong with the half hours that a line of one day holds; what is late holds days beside them."""
    hours = {each for each in held if each >= row["starts_at"]}
    applied = set(units_between(from_microseconds(row["starts_at"]), from_microseconds(row["ends_at"])))
    if where is LineState.RELEASED or row["state"] in _NEVER_ISSUED:
        return f"已经释放，仍占用 {len(hours)} 个时段" if hours else ""
    if where in {LineState.WAITING, LineState.OUT}:
        return f"应占用 {len(applied)} 个时段，实际占用 {len(hours)} 个" if hours != applied else ""
    return "已归还，仍占用归还以后的时段" if any(each >= line["returned_at"] for each in hours) else ""


def _card_fault(line: Row, where: LineState) -> str:
    wanted = _CARD_STATES.get(where)
    if wanted is None or line["card_state"] == wanted:
        return ""
    return f"的状态是 {line['card_state']}，应为 {wanted}"


def _run(first: date, row: Row) -> set[int]:
    return {to_day_number(day) for day in days_between(first, from_day_number(row["to_day"]))}


def _day(instant: int) -> date:
    return shanghai_day(from_microseconds(instant))
