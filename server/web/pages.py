"""Pages: one synchronous, compiled and cached Jinja2 environment that the HTML doors share.

A door names its own template folder with `configure` and calls `render`. Layouts read `page` (a `PageContext`);
everything else a template shows is passed by name. Undefined names raise: a page never silently misses a fact.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from server.web import formats
from server.web.assets import asset_url, illustration_for
from server.web.icons import icon
from server.web.parts import Tone

TEMPLATES = Path(__file__).with_name("templates")
CSRF_FIELD = "csrf_token"

Theme = Literal["auto", "light", "dark"]
TextSize = Literal[1, 2, 3]


class NavItem(msgspec.Struct, frozen=True):
    """One way to go; `count` > 0 is shown as how much waits there."""

    label: str
    href: str
    icon: str = ""
    count: int = 0
    is_current: bool = False


class Flash(msgspec.Struct, frozen=True):
    """What the last action did and what comes next. `ok` also tells the browser to forget the form's draft."""

    tone: Tone
    text: str
    next_label: str = ""
    next_href: str = ""


class PageContext(msgspec.Struct, frozen=True, kw_only=True):
    """What every layout needs to know about the visitor and the place.

    `person_key` is an opaque id under which this tab keeps drafts; empty (nobody logged in) keeps none.
    `halls` holds the halls that exist; with fewer than two no hall bar is drawn.
    `here` is the present path and query, where the preference forms lead back to.
    """

    request_id: str
    csrf_token: str = ""
    person_name: str = ""
    unit_name: str = ""
    person_key: str = ""
    nav: tuple[NavItem, ...] = ()
    halls: tuple[NavItem, ...] = ()
    flashes: tuple[Flash, ...] = ()
    theme: Theme = "auto"
    is_elder: bool = False
    text_size: TextSize = 1
    inbox_count: int = 0
    here: str = "/"
    search_text: str = ""
    home_href: str = "/"
    search_href: str = "/"
    login_href: str = "/login"
    logout_href: str = "/logout"
    preferences_href: str = "/preferences"

    @property
    def is_logged_in(self) -> bool:
        return bool(self.person_name)


@pass_context
def csrf_field(context: Context) -> Markup:
    """Hidden field with the visitor's token; only inside a template that has `page` (not inside an imported macro)."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, context["page"].csrf_token)


def build_environment(folders: Sequence[Path], auto_reload: bool = False) -> Environment:
    """The environment over `folders`, searched in order, then the shared templates. All text is escaped."""
    environment = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=auto_reload,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(asset_url=asset_url, icon=icon, csrf_field=csrf_field, illustration_for=illustration_for)
    environment.filters.update(
        yuan=formats.yuan, when=formats.when, exact=formats.exact, day=formats.day, weekday=formats.weekday
    )
    return environment


class _Current:
    """The one environment of this process; replaced as a whole, so a render never sees half a configuration."""

    # What it was made of, and the environment itself.
    made: tuple[tuple[tuple[Path, ...], bool], Environment] | None = None


def configure(folders: Sequence[Path], auto_reload: bool = False) -> None:
    """Names the doors' template folders. Called by the composition root, before the first render; of the same folders
    again it keeps the environment, and with it the templates that were compiled."""
    wanted = (tuple(folders), auto_reload)
    if _Current.made is None or _Current.made[0] != wanted:
        _Current.made = (wanted, build_environment(folders, auto_reload))


def render(template: str, **context: Any) -> str:
    """The finished page. Raises jinja2.TemplateNotFound for an unknown name, UndefinedError for a missing fact."""
    if _Current.made is None:
        raise RuntimeError("pages.configure has not been called")
    return _Current.made[1].get_template(template).render(**context)
