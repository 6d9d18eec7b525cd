"""What importing takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from server.assets.importing.layout import SheetPlan


class ImportState(StrEnum):
    """How far an import has come. In `READING`, `CHECKING`, `WRITING` and `UNDOING` the background is at it."""

    READING = "reading"
    REFUSED = "refused"
    MAPPING = "mapping"
    CHECKING = "checking"
    READY = "ready"
    WRITING = "writing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"


STATE_NAMES: dict[str, str] = {
    ImportState.READING: "正在读取",
    ImportState.REFUSED: "读取不了",
    ImportState.MAPPING: "待核对列",
    ImportState.CHECKING: "正在核对",
    ImportState.READY: "待导入",
    ImportState.WRITING: "正在导入",
    ImportState.DONE: "已导入",
    ImportState.UNDOING: "正在撤销",
    ImportState.UNDONE: "已撤销",
    ImportState.DISCARDED: "已放弃",
}
AT_WORK = (ImportState.READING, ImportState.CHECKING, ImportState.WRITING, ImportState.UNDOING)


class Verdict(StrEnum):
    """What is to be done with a row."""

    NEW = "new"
    ERROR = "error"
    UNCONFIRMED = "unconfirmed"
    DIFFERENT = "different"
    SAME = "same"
    SKIPPED = "skipped"


VERDICT_NAMES: dict[str, str] = {
    Verdict.NEW: "可以建卡",
    Verdict.ERROR: "有错误",
    Verdict.UNCONFIRMED: "待对应",
    Verdict.DIFFERENT: "与账卡不同",
    Verdict.SAME: "与账卡一致",
    Verdict.SKIPPED: "不是资产",
}


class Remark(msgspec.Struct, frozen=True):
    """Something about one field of a row: a fault, or (`is_fault` false) what had to be supposed."""

    field: str
    code: str
    data: dict[str, Any] = {}
    is_fault: bool = True


class Difference(msgspec.Struct, frozen=True):
    """One field in which a row differs from the card with its finance number. Values as they are stored."""

    field: str
    before: Any
    after: Any


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row. `card`: the new card's fields as they are stored (ids, integers, ISO days)."""

    verdict: Verdict
    remarks: list[Remark] = []
    card: dict[str, Any] = {}
    quantity: int = 1
    differences: list[Difference] = []
    # The card that the row is about already.
    asset_id: str | None = None


class Match(msgspec.Struct, frozen=True):
    """A text of the ledger that is not surely one of ours. `kind`: category, place or custodian; `candidates`: ids or
    codes, the nearest first."""

    kind: str
    text: str
    count: int
    candidates: list[str] = []


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How the file is read: its sheets, what the columns are, and what holds where the ledger says nothing."""

    sheets: list[SheetPlan] = []
    hidden: list[str] = []
    examples: dict[str, list[str]] = {}
    mapping: dict[str, str] = {}
    default_place_id: str | None = None
    default_condition: str | None = None


class StartImport(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger's bytes are kept (files.store); here is what they are, and whose (None: the acting unit's)."""

    file_name: str
    sha256: str
    size: int
    unit_id: str | None = None


class MapColumns(msgspec.Struct, frozen=True, kw_only=True):
    """What each heading is. `mapping`: heading → field, empty for a column that is not read."""

    import_id: str
    mapping: dict[str, str]
    default_place_id: str | None = None
    default_condition: str | None = None


class MatchTexts(msgspec.Struct, frozen=True, kw_only=True):
    """What texts of the ledger mean. `choices`: kind → text → id or code (empty for a custodian: nobody)."""

    import_id: str
    choices: dict[str, dict[str, str]]


class ChooseRows(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the `shown` rows are to be taken: `chosen` new ones; of different ones, `fields` by row."""

    import_id: str
    shown: list[str]
    chosen: list[str] = []
    fields: dict[str, list[str]] = {}


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """One import as its unit sees it. `counts`: verdict → rows; `chosen`: cards to be made, `changes`: cards to be
    changed."""

    id: str
    state: str
    state_name: str
    unit_id: str
    unit_name: str
    file_name: str
    created_at: datetime
    created_by_name: str
    row_count: int
    done_count: int
    counts: dict[str, int]
    chosen: int
    changes: int
    refusal: str
    plan: Plan
    matches: list[Match]
    finished_at: datetime | None
    finished_by_name: str
    made: int
    changed: int


class RowView(msgspec.Struct, frozen=True, kw_only=True):
    """One row of an import. `cells` as they were read, under `headings`."""

    id: str
    sheet: str
    number: int
    cells: list[str]
    headings: list[str]
    outcome: Outcome
    is_chosen: bool
    chosen_fields: list[str]
    asset_code: str | None = None
