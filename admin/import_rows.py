"""What is decided about an import's columns, words and rows."""

import re
from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import place_options_of
from admin.door import door
from admin.form_page import Done, Drawn, answer_loose, fresh
from admin.import_words import (
    KIND_NAMES,
    difference_text,
    place_of_row,
    remark_text,
    verdict_badge,
    verdict_tabs,
    written_words,
)
from admin.imports import CRUMBS, draw_import
from admin.lists import first_href, next_href, query_of
from server.assets.importing.choosing import choose_all, choose_rows
from server.assets.importing.commands import map_columns, match_texts
from server.assets.importing.queries import import_view, list_rows, match_names
from server.assets.importing.types import ChooseRows, ImportState, ImportView, MapColumns, Match, MatchTexts, Verdict
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput
from server.web.downloads import list_links
from server.web.parts import Link, Option
from server.web.sessions import actor_of

MATCHES_SHOWN = 40
_MAPPING = re.compile(r"column-\d+|default_place_id|default_condition")
_MATCHES = re.compile(r"(text|match|code)-\d+")
_ROWS = re.compile(r"verdict|whole|shown|row|field")
# The kinds of rows that people take or leave.
CHOSEN_BY = frozenset({Verdict.NEW.value, Verdict.DIFFERENT.value})


class RowsQuery(msgspec.Struct, frozen=True):
    """Which rows, and from where."""

    verdict: str = "error"
    cursor: str | None = None


@door.post("/imports/<import_id>/mapping", summary="核对列")
async def set_mapping(request: Request, import_id: str) -> HTTPResponse:
    """Say what the columns are; the rows are judged by it."""

    async def act(actor: Actor, typed: dict[str, Any]) -> Done:
        view = await import_view(actor, import_id)
        chosen = {heading: _text(typed, f"column-{place}") for place, heading in enumerate(view.plan.mapping)}
        wanted = MapColumns(
            import_id=import_id,
            mapping=chosen,
            default_place_id=_text(typed, "default_place_id") or None,
            default_condition=_text(typed, "default_condition") or None,
        )
        await map_columns(actor, wanted)
        return Done(f"/admin/imports/{import_id}", "列已核对，正在逐行检查。下次同样的表头不必再核对。")

    return await answer_loose(
        request, _MAPPING, act, lambda drawn, status: draw_import(request, import_id, drawn, status)
    )


@door.get("/imports/<import_id>/matches", summary="对应名称")
async def show_matches(request: Request, import_id: str) -> HTTPResponse:
    """Words of the ledger that are not surely one of ours."""
    return await _draw_matches(request, import_id, fresh(), 200)


@door.post("/imports/<import_id>/matches", summary="对应名称")
async def set_matches(request: Request, import_id: str) -> HTTPResponse:
    """Say what they mean; the rows are judged anew."""

    async def act(actor: Actor, typed: dict[str, Any]) -> Done:
        view = await import_view(actor, import_id)
        await match_texts(actor, MatchTexts(import_id=import_id, choices=_choices(view, typed)))
        return Done(f"/admin/imports/{import_id}", "已记住，正在重新检查。以后的台账也照此对应。")

    return await answer_loose(
        request, _MATCHES, act, lambda drawn, status: _draw_matches(request, import_id, drawn, status)
    )


@door.get("/imports/<import_id>/rows", summary="导入的行")
async def show_rows(request: Request, import_id: str) -> HTTPResponse:
    """The rows of one verdict, each with its remarks; what can be chosen has boxes."""
    return await _draw_rows(request, import_id, fresh(), 200)


@door.post("/imports/<import_id>/rows", summary="选择导入的行")
async def set_rows(request: Request, import_id: str) -> HTTPResponse:
    """Take or leave the rows of the shown page, or all of their kind."""

    async def act(actor: Actor, typed: dict[str, Any]) -> Done:
        verdict = _text(typed, "verdict")
        if verdict not in CHOSEN_BY:
            raise InvalidInput(fields=[FieldError("verdict", "input.not_a_choice")])
        back = f"/admin/imports/{import_id}/rows?verdict={verdict}"
        if whole := _text(typed, "whole"):
            await choose_all(actor, import_id, verdict, whole == "all")
            return Done(back, "已全部选中。" if whole == "all" else "已全部取消选择。")
        fields: dict[str, list[str]] = {}
        for each in _texts(typed, "field"):
            row_id, _, field = each.rpartition(".")
            fields.setdefault(row_id, []).append(field)
        wanted = ChooseRows(
            import_id=import_id, shown=_texts(typed, "shown"), chosen=_texts(typed, "row"), fields=fields
        )
        await choose_rows(actor, wanted)
        return Done(back, "本页的选择已保存。")

    return await answer_loose(request, _ROWS, act, lambda drawn, status: _draw_rows(request, import_id, drawn, status))


def _text(typed: dict[str, Any], name: str) -> str:
    value = typed.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _texts(typed: dict[str, Any], name: str) -> list[str]:
    value = typed.get(name, [])
    return [value] if isinstance(value, str) else value


def _choices(view: ImportView, typed: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What was said of each shown word. A code typed by hand goes before the list; what was left open is left out."""
    choices: dict[str, dict[str, str]] = {}
    for place, match in enumerate(view.matches):
        if _text(typed, f"text-{place}") != match.text:
            continue
        value = _text(typed, f"code-{place}").upper() or _text(typed, f"match-{place}")
        if value:
            choices.setdefault(match.kind, {})[match.text] = "" if value == NOBODY else value
    return choices


NOBODY = "-"


async def _draw_matches(request: Request, import_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    view = await import_view(actor, import_id)
    names = await match_names(actor, import_id)
    shown = list(enumerate(view.matches[:MATCHES_SHOWN]))
    has_places = any(match.kind == "place" for _, match in shown)
    places = await place_options_of(view.unit_id) if has_places else ()
    return await door.draw(
        request,
        "admin/import_matches.html",
        status,
        view=view,
        drawn=drawn,
        shown=[(place, match, _options(match, names, places)) for place, match in shown],
        kinds=KIND_NAMES,
        left=len(view.matches) - len(shown),
        can_match=view.state == ImportState.READY,
        crumbs=(*CRUMBS, Link(view.file_name, f"/admin/imports/{view.id}"), Link("对应名称")),
    )


def _options(match: Match, names: dict[str, str], places: tuple[Option, ...]) -> tuple[Option, ...]:
    near = tuple(Option(value, names.get(value, value)) for value in match.candidates)
    if match.kind == "place":
        return (*near, *(option for option in places if option.value not in match.candidates))
    if match.kind == "custodian":
        return (*near, Option(NOBODY, "不指定保管人"))
    return near


async def _draw_rows(request: Request, import_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor, query = actor_of(request), query_of(request, RowsQuery)
    view = await import_view(actor, import_id)
    typed = _text(drawn.typed, "verdict")
    verdict = typed if typed in CHOSEN_BY else query.verdict
    page = await list_rows(actor, import_id, verdict, query.cursor)
    shown = {row.outcome.card["category_code"] for row in page.items if row.outcome.card}
    names = await match_names(actor, import_id, shown)
    can_choose = view.state == ImportState.READY and verdict in CHOSEN_BY
    return await door.draw(
        request,
        "admin/import_rows.html",
        status,
        view=view,
        drawn=drawn,
        verdict=verdict,
        badge=verdict_badge(verdict),
        tabs=verdict_tabs(view, verdict),
        rows=[
            {
                "row": row,
                "where": place_of_row(row),
                "cells": [(name, cell) for name, cell in zip(row.headings, row.cells, strict=False) if name and cell],
                "remarks": [(remark_text(remark), remark.is_fault) for remark in row.outcome.remarks],
                "differences": [(each.field, *difference_text(each, names)) for each in row.outcome.differences],
                "written": written_words(row, names),
            }
            for row in page.items
        ],
        can_choose=can_choose,
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links(f"/admin/imports/{view.id}/rows", RowsQuery(verdict)),
        crumbs=(*CRUMBS, Link(view.file_name, f"/admin/imports/{view.id}"), Link("逐行查看")),
    )
