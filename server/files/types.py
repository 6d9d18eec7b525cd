"""Shapes of the files domain that are not rows: re-encoded pictures, and what labels and forms are drawn from."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec


class PictureLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one uploaded picture may cost. Sides in pixels, memory in bytes, times in seconds.

    `max_pixels` is checked on the header, before anything is decoded; 40 million covers the sensors of ordinary
    phones. `memory_bytes` is the worker's whole address space: four bytes a pixel twice over, plus the interpreter.
    """

    max_bytes: int = 15 * 1024 * 1024
    max_pixels: int = 40_000_000
    large_side: int = 2048
    thumbnail_side: int = 480
    quality: int = 85
    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    queue_seconds: float = 20.0
    max_output_bytes: int = 16 * 1024 * 1024


class DocumentLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one uploaded PDF may cost. Sides in pixels, memory in bytes, times in seconds.

    `dots_an_inch`: fine enough to print a 批文 again; twenty pages of text are about ten million bytes by it.
    """

    max_bytes: int = 15 * 1024 * 1024
    max_pages: int = 20
    dots_an_inch: int = 150
    large_side: int = 2048
    thumbnail_side: int = 480
    quality: int = 80
    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 30
    wall_seconds: float = 45.0
    queue_seconds: float = 30.0
    max_document_bytes: int = 20 * 1024 * 1024
    max_output_bytes: int = 24 * 1024 * 1024


class SheetLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one uploaded table may cost. Memory in bytes, times in seconds; `max_cell`: letters in one cell.

    `memory_bytes` is the worker's whole address space; 100,000 rows of 15 columns take half of it.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_unpacked_bytes: int = 400_000_000
    max_rows: int = 120_000
    max_columns: int = 100
    max_cell: int = 4_000
    memory_bytes: int = 384 * 1024 * 1024
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    max_output_bytes: int = 256 * 1024 * 1024


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of an uploaded table. `number`: as a spreadsheet counts, from 1; `cells`: texts from the first column;
    `carried`: the columns whose text is the rest of a cell that was merged downwards."""

    sheet_index: int
    sheet: str
    number: int
    cells: list[str]
    carried: list[int] = []


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One re-encoded picture: JPEG bytes without metadata, size in pixels, SHA-256 of the bytes in lower-case hex."""

    data: bytes
    width: int
    height: int
    sha256: str
    media_type: str = "image/jpeg"


class ReencodedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The two pictures kept of an upload; the upload's own bytes are kept nowhere."""

    large: Picture
    thumbnail: Picture


class RedrawnDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A PDF of pictures of an upload's pages, and the first page small; the upload's own bytes are kept nowhere."""

    data: bytes
    sha256: str
    pages: int
    thumbnail: Picture


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """What is printed on one asset's label. `scan_text` is what the QR code says, usually an address."""

    asset_code: str
    name: str
    owner_unit: str
    category: str
    scan_text: str
    serial_no: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a form's table. `share` is its part of the width relative to the other columns."""

    title: str
    share: float = 1.0
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, kw_only=True, slots=True)
class FormTable:
    """A form's table: cells are finished text. `total` is the sum row, one text a column, drawn after the last row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed one of a form's lines: the name, the day, and the bytes of the drawn signature, if there is one."""

    name: str
    on: date
    picture: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """An official paper (借用单, 出库单, 归还单): everything that is printed, already decided by the caller.

    `number` is the 文号; `signatures` are the posts that sign (经办人, 仓管员); `printed_at` is an aware datetime and
    is printed in Asia/Shanghai; `qr_text` is what the verification QR says. `signed`: who signed each of `signatures`
    on a screen, or None for a line to be signed by hand.
    """

    title: str
    number: str
    unit: str
    fields: tuple[tuple[str, str], ...]
    qr_text: str
    printed_at: datetime
    table: FormTable | None = None
    signatures: tuple[str, ...] = ()
    signed: tuple[Signed | None, ...] = ()
    note: str = ""
    footer: str = ""


class Visibility(StrEnum):
    """Who may see a stored file: its unit and the parties to what it shows, every government unit, or everybody."""

    UNIT = "unit"
    GOVERNMENT = "government"
    PUBLIC = "public"


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file. `size` in bytes; a picture's width and height in pixels, a document's number of pages."""

    id: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    sha256: str
    pages: int | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it hangs on something: `kind` picture or document; `name` as it was called when it was sent in."""

    id: str
    kind: str
    name: str
    size: int
    pages: int | None


class FileContent(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the asker may read: bytes at `path`, which never change, so that `sha256` serves as its ETag.
    `name`: as it was called when it was sent in."""

    path: Path
    media_type: str
    size: int
    sha256: str
    is_public: bool
    name: str = ""
