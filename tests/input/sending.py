"""Requests that are right but for one thing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from server.kernel.ids import new_id
from server.web.routes import ROUTES
from server.web.sessions import SESSION_COOKIE
from tests.access.bodies import FORMS, JSON_BODIES, QUERIES, filled
from tests.access.conftest import Trial
from tests.access.matrix import CASES, HALF_ADDRESSES, OPEN_ADDRESSES, Case
from tests.access.sending import Pass, address_of, numbered, with_days
from tests.access.test_doorstep import made_up, somebody_who_may
from tests.access.world import Facts

_FOR_ALL = [
    Case(method, path, "", frozenset(), frozenset(), "unit") for method, path in sorted(OPEN_ADDRESSES | HALF_ADDRESSES)
]


@dataclass(frozen=True, slots=True)
class Way:
    """An address with its ids, somebody who may use it, and a body that would do."""

    case: Case
    address: str
    shown: Pass
    body: dict[str, Any]
    query: dict[str, str]

    @property
    def is_json(self) -> bool:
        return self.case.path.startswith("/mini/")

    def __str__(self) -> str:
        return f"{self.case.method} {self.case.path}"


async def ways(trial: Trial) -> list[Way]:
    """Every address of the product once."""
    cases = {case.key: case for case in [*CASES, *_FOR_ALL] if case.may or case in _FOR_ALL}
    assert cases.keys() == ROUTES.keys()
    return [way async for way in _ways(trial, list(cases.values()))]


async def _ways(trial: Trial, cases: list[Case]) -> AsyncIterator[Way]:
    for case in cases:
        if case.may:
            shown, facts = await somebody_who_may(trial, case)
        else:
            shown, facts = await trial.pass_for(trial.world.borrower), made_up(case.path)
        yield Way(case, address_of(case.path, facts), shown, body_of(case, facts), query_of(case, facts))


def body_of(case: Case, facts: Facts) -> dict[str, Any]:
    key, days = f"{case.method} {case.path}", with_days(facts)
    if case.path.startswith("/mini/"):
        return numbered(filled(JSON_BODIES.get(key, {}), days))
    form: dict[str, Any] = filled(FORMS.get(f"{key} {case.thing}", FORMS.get(key, {})), days)
    return form


def query_of(case: Case, facts: Facts) -> dict[str, str]:
    given: dict[str, str] = filled(QUERIES.get(f"{case.method} {case.path}", {}), with_days(facts))
    return given


async def send(
    client: httpx.AsyncClient, way: Way, body: dict[str, Any] | bytes | None = None, **options: Any
) -> httpx.Response:
    """Send the way's request with another body, or with other options."""
    headers = {**credentials(way), **options.pop("headers", {})}
    if way.case.method != "GET":
        headers.setdefault("Idempotency-Key", new_id()) if way.is_json else None
        if isinstance(body, bytes):
            headers.setdefault("Content-Type", "application/json")
            options["content"] = body
        elif "content" not in options and "files" not in options:
            own = {} if way.is_json else {"csrf_token": way.shown.csrf_token, "idempotency_key": f"form-{new_id()}"}
            options["json" if way.is_json else "data"] = {**own, **(way.body if body is None else body)}
    elif "params" not in options and way.query:
        options["params"] = way.query
    answer = await client.request(way.case.method, options.pop("address", way.address), headers=headers, **options)
    client.cookies.clear()
    return answer


def credentials(way: Way) -> dict[str, str]:
    """The session as the door wants it."""
    if way.is_json:
        return {"Authorization": f"Bearer {way.shown.bearer}"}
    return {"Cookie": f"{SESSION_COOKIE}={way.shown.token}"}
