"""One request of the matrix: from a case, a thing and somebody's session to an outcome and a comparable text."""

import re
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from server.identity.queries import session_for_token
from server.kernel.ids import new_id
from server.kernel.reading import present_day
from server.web.sessions import SESSION_COOKIE
from tests.access.bodies import FORMS, JSON_BODIES, QUERIES, UPLOADS, WORDS, filled
from tests.access.world import Facts
from tests.miniapp_api.pictures import a_picture

_PLACEHOLDER = re.compile(r"<(\w+)>")
_OUTCOMES = {401: "login", 403: "forbidden", 404: "not_found", 409: "conflict", 400: "invalid", 304: "ok"}
_BARRED = ("/login?", "/login/second-factor?")
# What differs from one answer to the next and says nothing of the thing.
_CHANGING = re.compile(r"form-[0-9a-z]{16}|\b[0-9a-f]{16}\b|\d{2}:\d{2}(:\d{2})?|\d+(\.\d+)? ?毫秒")
PICTURE = a_picture(48, 32)


@dataclass(frozen=True, slots=True)
class Pass:
    """What somebody shows: a browser's token and that of its forms, and a phone's."""

    token: str
    csrf_token: str
    cookie: str = SESSION_COOKIE
    bearer: str = ""


NOBODY = Pass("", "")


async def pass_of(token: str, bearer: str) -> Pass:
    facts = await session_for_token(token)
    assert facts is not None
    return Pass(token, facts.csrf_token, bearer=bearer)


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome in a word, and the text with ids and all that changes taken out."""

    outcome: str
    text: str
    raw: str
    target: str = ""

    def __str__(self) -> str:
        return self.outcome


async def ask(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    shown: Pass,
    facts: Facts,
    *,
    thing: str = "",
    headers: dict[str, str] | None = None,
    **changes: Any,
) -> Answer:
    """Send the request with a valid body made of `facts`. `changes` are put into body or form."""
    address = address_of(path, facts)
    key = f"{method} {path}"
    is_json = path.startswith("/mini/")
    options: dict[str, Any] = {"headers": dict(headers or {})}
    if is_json and shown.bearer:
        options["headers"]["Authorization"] = f"Bearer {shown.bearer}"
    elif not is_json and shown.token:
        options["headers"]["Cookie"] = f"{shown.cookie}={shown.token}"
    if key in QUERIES:
        options["params"] = filled(QUERIES[key], with_days(facts))
    if method != "GET":
        _add_body(options, key, thing, is_json, shown, facts, changes)
    answer = await client.request(method, address, **options)
    client.cookies.clear()
    return Answer(outcome_of(answer), comparable(answer, facts), answer.text, answer.headers.get("location", ""))


def address_of(path: str, facts: Facts) -> str:
    """The address with its ids."""
    return _PLACEHOLDER.sub(lambda found: quote(facts.get(found[1]) or WORDS.get(found[1], "unknown"), safe=""), path)


def with_days(facts: Facts) -> Facts:
    """The facts, and the days that bodies speak of."""
    today = present_day()
    days = {
        "today": today.isoformat(),
        "soon": (today + timedelta(days=2)).isoformat(),
        "later": (today + timedelta(days=5)).isoformat(),
        "month": f"{today:%Y-%m}",
    }
    said = copy(facts)
    said.update(days)
    return said


def _add_body(
    options: dict[str, Any], key: str, thing: str, is_json: bool, shown: Pass, facts: Facts, changes: dict[str, Any]
) -> None:
    if is_json:
        options["headers"]["Idempotency-Key"] = new_id()
        if key in UPLOADS:
            options["files"] = {UPLOADS[key]: ("照片.jpg", PICTURE, "image/jpeg")}
        elif key in JSON_BODIES:
            options["json"] = {**numbered(filled(JSON_BODIES[key], with_days(facts))), **changes}
        elif changes:
            options["json"] = changes
        return
    form = FORMS.get(f"{key} {thing}", FORMS.get(key, {}))
    own = {"csrf_token": shown.csrf_token, "idempotency_key": f"form-{new_id()}"}
    options["data"] = {**filled(form, with_days(facts)), **own, **changes}
    if UPLOADS.get(key):
        options["files"] = {UPLOADS[key]: ("照片.jpg", PICTURE, "image/jpeg")}


def numbered(body: dict[str, Any]) -> dict[str, Any]:
    """A card's version is a number in JSON."""
    return {name: int(value) if name == "version" else value for name, value in body.items()}


def outcome_of(answer: httpx.Response) -> str:
    """`ok`, `login`, `forbidden`, `not_found`, or what else was said."""
    if answer.status_code == 303:
        # Setting up a second factor is asked of somebody who has got in.
        return "login" if answer.headers["location"].startswith(_BARRED) else "ok"
    if 200 <= answer.status_code < 300:
        return "ok"
    return _OUTCOMES.get(answer.status_code, str(answer.status_code))


def comparable(answer: httpx.Response, facts: Facts) -> str:
    """Status and text without request id, form keys and the ids that were asked for."""
    text = answer.text.replace(answer.headers.get("x-request-id", "-"), "")
    for name in sorted(facts, key=lambda name: -len(facts[name])):
        if len(facts[name]) >= 6:
            text = text.replace(facts[name], f"<{name}>")
    return f"{answer.status_code} {_CHANGING.sub('', text)}"


def unknown(facts: Facts) -> Facts:
    """The same facts about a thing that does not exist."""
    changed = {name: new_id() for name in facts if name.endswith("_id") and not name.startswith("my_")}
    if "session_id" in changed:
        changed["session_id"] = (new_id() * 4)[: len(facts["session_id"])]
    if "asset_code" in facts:
        changed["asset_code"] = facts["asset_code"][:-4] + "9876"
    return {**facts, **changed}
