"""Shapes that the component macros draw. A door fills them from a domain's views; macros read nothing else."""

from datetime import date, datetime
from typing import Literal

import msgspec

Tone = Literal["neutral", "info", "ok", "warn", "bad", "accent"]
StepState = Literal["done", "current", "todo", "refused"]
DayState = Literal["free", "held", "mine", "past", "outside"]


class Badge(msgspec.Struct, frozen=True):
    """A state in words; the icon repeats the tone so that colour is never the only cue."""

    label: str
    tone: Tone = "neutral"
    icon: str = ""


class Step(msgspec.Struct, frozen=True):
    """One step of a line of states: who did or will do it, and when. `why`: what made it necessary."""

    label: str
    state: StepState
    who: str = ""
    at: datetime | None = None
    note: str = ""
    why: str = ""


class PastRound(msgspec.Struct, frozen=True):
    """A way through the approvals that was sent back, and what was changed then."""

    title: str
    steps: tuple[Step, ...]
    corrected_by: str
    corrected_at: datetime
    changes: tuple["Fact", ...]


class Event(msgspec.Struct, frozen=True):
    """One line of a history."""

    what: str
    at: datetime
    who: str = ""
    detail: str = ""
    href: str = ""


class Fact(msgspec.Struct, frozen=True):
    """One row of a definition list; `href` makes the value a link."""

    term: str
    value: str
    href: str = ""
    is_code: bool = False


class Option(msgspec.Struct, frozen=True):
    """One choice of a select, radio or checkbox group."""

    value: str
    label: str
    help: str = ""


class Fault(msgspec.Struct, frozen=True):
    """One wrong field: `field` is the control's name, `text` a Chinese sentence."""

    field: str
    text: str


class Column(msgspec.Struct, frozen=True):
    """One column of a table; `sort_href` makes its header a link, `sorted` says which way it lies now."""

    label: str
    is_number: bool = False
    is_nowrap: bool = False
    sort_href: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


class Cell(msgspec.Struct, frozen=True):
    """One cell: text, or a link, or a badge."""

    text: str = ""
    href: str = ""
    badge: Badge | None = None


class Row(msgspec.Struct, frozen=True):
    """One row of a table; `key` is the value its tick box sends, where rows can be picked."""

    cells: tuple[Cell, ...]
    key: str = ""


class Link(msgspec.Struct, frozen=True):
    """A tab, a filter chip or a crumb."""

    label: str
    href: str = ""
    is_current: bool = False
    count: int | None = None


class Facet(msgspec.Struct, frozen=True):
    """A titled group of filter chips."""

    title: str
    links: tuple[Link, ...]


class Card(msgspec.Struct, frozen=True):
    """An asset on a board. `picture` is an address; `state` says from when it is free (今天可借, 11月20日起可借).

    `why`: how it fits what was searched for, in words.
    """

    href: str
    name: str
    picture: str
    place: str
    condition: str
    owner: str = ""
    state: Badge | None = None
    is_illustration: bool = False
    why: str = ""


class Stat(msgspec.Struct, frozen=True):
    """One figure: `value` is already written for people."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    icon: str = ""
    href: str = ""


class WorkItem(msgspec.Struct, frozen=True):
    """One line of a worklist; `at_word` says what happened at `at`, after the moment: 提交, 送达. `key`: the value that
    its tick box sends, where lines can be picked."""

    href: str
    title: str
    detail: str
    at: datetime
    badge: Badge | None = None
    is_current: bool = False
    at_word: str = ""
    key: str = ""


class Day(msgspec.Struct, frozen=True):
    """One square of the calendar; `label` is its state in words, `href` makes it a link."""

    value: date
    state: DayState
    label: str = ""
    is_today: bool = False
    href: str = ""


class Month(msgspec.Struct, frozen=True):
    """A calendar month, Monday first; days of the neighbouring months are `outside`."""

    title: str
    weeks: tuple[tuple[Day, ...], ...]
    previous_href: str = ""
    next_href: str = ""
