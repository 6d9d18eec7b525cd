"""Rendering: what is escaped, what is refused, what the frames say."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError

from server.web import pages
from server.web.month import month_of
from server.web.pages import Flash, NavItem, PageContext
from server.web.parts import Card, Cell, Column, Fault, Option, Row
from server.web.styleguide import styleguide_context

PIECES = (
    "asset-card", "table-region", "steps--row", "timeline", "calendar__day--held", "error-summary", "blank--error",
    "blank--offline", "skeleton", "pager", "worklist", "stat-grid", "action-bar", "crumbs", "tabs", "chip-row", "file",
)  # fmt: skip
HOSTILE = "<script>alert('x')</script>\"onload=\""
NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)


@pytest.fixture
def environment() -> Environment:
    return pages.build_environment([])


def macro(environment: Environment, file: str, name: str, *args: object, **kwargs: object) -> str:
    return str(getattr(environment.get_template(f"components/{file}.html").module, name)(*args, **kwargs))


class LiveMarkup(HTMLParser):
    """Collects what a browser would run: scripts with a body, and event handler attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        self.found += [name for name in names if name.startswith("on")]
        if tag == "script" and "src" not in names:
            self.found.append(tag)


def live_markup(html: str) -> list[str]:
    parser = LiveMarkup()
    parser.feed(html)
    return parser.found


def test_the_parser_sees_live_markup_when_nothing_is_escaped() -> None:
    assert live_markup(f'<p title="{HOSTILE}">{HOSTILE}</p>') == ["onload", "script"]


def frame(environment: Environment, layout: str, page: PageContext) -> str:
    return environment.get_template(f"layouts/{layout}.html").render(page=page)


def test_text_is_escaped_when_a_field_holds_html(environment: Environment) -> None:
    field = macro(environment, "form", "field", "reason", "借用事由", HOSTILE, error=HOSTILE, help=HOSTILE)
    options = (Option(HOSTILE, HOSTILE),)
    select = macro(environment, "form", "select", "unit", "单位", options)
    card = Card("/assets/1", HOSTILE, "/static/a.svg", HOSTILE, HOSTILE, HOSTILE)
    table = macro(environment, "table", "data_table", HOSTILE, (Column(HOSTILE),), (Row((Cell(HOSTILE),)),))
    for html in (field, select, table, macro(environment, "card", "asset_card", card)):
        assert live_markup(html) == []
        assert "&lt;script&gt;" in html


def test_text_is_escaped_when_the_page_context_holds_html(environment: Environment) -> None:
    page = PageContext(
        request_id=HOSTILE,
        csrf_token=HOSTILE,
        person_name=HOSTILE,
        unit_name=HOSTILE,
        person_key=HOSTILE,
        nav=(NavItem(HOSTILE, "/", "house"),),
        flashes=(Flash("ok", HOSTILE, HOSTILE, "/"),),
        here=HOSTILE,
        search_text=HOSTILE,
    )
    for layout in ("storefront", "desk", "bare"):
        assert live_markup(frame(environment, layout, page)) == []


def test_rendering_fails_when_a_template_misses_a_fact(tmp_path: Path) -> None:
    (tmp_path / "card.html").write_text("{{ asset_name }}", encoding="utf-8")
    template = pages.build_environment([tmp_path]).get_template("card.html")
    with pytest.raises(UndefinedError, match="asset_name"):
        template.render()


def test_a_doors_folder_is_searched_first_when_configured(tmp_path: Path) -> None:
    (tmp_path / "board.html").write_text(
        '{% extends "layouts/storefront.html" %}{% block content %}<h1>{{ name }}</h1>{{ csrf_field() }}{% endblock %}',
        encoding="utf-8",
    )
    html = (
        pages.build_environment([tmp_path])
        .get_template("board.html")
        .render(page=PageContext(request_id="r1", csrf_token="t0ken"), name="共享大厅")
    )
    assert "<h1>共享大厅</h1>" in html
    assert '<input type="hidden" name="csrf_token" value="t0ken">' in html


@pytest.mark.parametrize("layout", ["storefront", "desk", "bare"])
def test_frames_have_language_landmarks_and_a_way_past_the_menu(environment: Environment, layout: str) -> None:
    html = frame(environment, layout, PageContext(request_id="r1"))
    assert '<html lang="zh-CN" data-theme="auto">' in html
    assert 'class="skip-link" href="#main"' in html
    assert html.count("<main") == 1
    assert 'id="main"' in html
    assert '"allowEval":false' in html
    assert '"includeIndicatorStyles":false' in html
    assert 'action="/preferences"' in html


def test_looks_are_server_rendered_when_chosen(environment: Environment) -> None:
    html = frame(environment, "storefront", PageContext(request_id="r1", theme="dark", is_elder=True, text_size=3))
    assert 'data-theme="dark" data-elder="1" data-text-size="3"' in html


def test_no_hall_is_drawn_when_only_one_exists(environment: Environment) -> None:
    one = (NavItem("共享", "/", is_current=True),)
    assert 'class="halls"' not in frame(environment, "storefront", PageContext(request_id="r1", halls=one))
    two = (*one, NavItem("供应", "/supply"))
    assert 'class="halls"' in frame(environment, "storefront", PageContext(request_id="r1", halls=two))


def test_the_present_place_is_marked_when_current(environment: Environment) -> None:
    nav = (NavItem("共享大厅", "/", "store", is_current=True), NavItem("消息", "/inbox", "bell", 120))
    html = frame(environment, "storefront", PageContext(request_id="r1", nav=nav))
    assert html.count('aria-current="page"') == 2  # in the header and in the phone's bottom row
    assert "99+" in html


def test_a_fault_is_tied_to_its_field_and_summed_when_present(environment: Environment) -> None:
    html = macro(environment, "form", "field", "end_on", "归还日期", error="归还日期不能早于借用日期。")
    assert 'aria-invalid="true" aria-describedby="field-end_on-error"' in html
    assert 'id="field-end_on-error"' in html
    faults = (Fault("end_on", "归还日期不能早于借用日期。"),)
    assert 'href="#field-end_on"' in macro(environment, "form", "error_summary", faults)
    assert macro(environment, "form", "fault_of", faults, "end_on") == "归还日期不能早于借用日期。"
    assert macro(environment, "form", "fault_of", faults, "reason") == ""


def test_drafts_leave_passwords_out(environment: Environment) -> None:
    assert "data-no-draft" in macro(environment, "form", "password", "password", "密码")


def test_an_icon_is_decoration_unless_named(environment: Environment) -> None:
    html = environment.from_string('{{ icon("search") }}|{{ icon("search", "搜<索") }}').render()
    plain, named = html.split("|")
    assert 'aria-hidden="true"' in plain
    assert 'role="img" aria-label="搜&lt;索"' in named
    with pytest.raises(KeyError):
        environment.from_string('{{ icon("no-such-icon") }}').render()


def test_days_are_free_held_mine_or_past_when_laid_out() -> None:
    today = date(2026, 11, 11)
    month = month_of(2026, 11, today, {date(2026, 11, 12)}, {date(2026, 11, 13)}, lambda value: f"?on={value}")
    days = {square.value: square for week in month.weeks for square in week if square.state != "outside"}
    assert len(days) == 30
    assert month.weeks[0][0].value.weekday() == 0
    assert days[date(2026, 11, 10)].label == "已过"
    assert (days[today].label, days[today].is_today, days[today].href) == ("可借", True, "?on=2026-11-11")
    assert (days[date(2026, 11, 12)].label, days[date(2026, 11, 12)].href) == ("已占", "")
    assert days[date(2026, 11, 13)].label == "我的"


def test_the_living_page_shows_every_component_when_rendered(environment: Environment) -> None:
    html = environment.get_template("styleguide.html").render(**styleguide_context(NOW))
    assert [piece for piece in PIECES if piece not in html] == []
    assert "None" not in html


def test_rendering_is_refused_when_no_folder_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages._Current, "made", None)
    with pytest.raises(RuntimeError, match="configure"):
        pages.render("styleguide.html")
    pages.configure([])
    assert "组件" in pages.render("styleguide.html", **styleguide_context(NOW))
