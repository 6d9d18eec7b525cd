"""Whatever is sent, the answer is a refusal in the envelope that names what is wrong, or data kept as it was typed."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import miniapp_api
from server.kernel.ids import new_id
from server.kernel.messages import has_message
from server.web.routes import ROUTES, Route
from tests.access.bodies import JSON_BODIES, QUERIES, filled
from tests.access.made_up import made_up
from tests.access.sending import numbered, with_days
from tests.factories.circulation import day
from tests.miniapp_api.conftest import Town
from tests.support.http import MINI_PREFIX, Caller, code_of, data_of, fields_of

HOSTILE = [
    "'; DROP TABLE borrowing; --",
    '" OR 1=1 #',
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} %s %(x)s {0} {name}",
    "../../etc/passwd\\x00",
    "𠮷野家🚚 Ω ﷽ \u200fevil",
    "100%_\\_%",
    "null",
]


def routes(*methods: str) -> Iterator[Route]:
    """This door's routes."""
    assert miniapp_api.SUBJECTS
    yield from (route for route in ROUTES.values() if route.door == "mini" and route.method in methods)


def label(route: Route) -> str:
    return f"{route.method} {route.path.removeprefix(MINI_PREFIX)}"


def path_of(route: Route) -> str:
    """The route's address with made-up ids."""
    parts = route.path.removeprefix(MINI_PREFIX).split("/")
    return "/".join(new_id() if part.startswith("<") else part for part in parts)


WRITES = [route for route in routes("POST", "PUT", "DELETE") if not route.is_upload]
WITH_BODY = [route for route in WRITES if route.body is not None]
WITH_ID = [route for route in routes("GET", "POST", "DELETE") if "<" in route.path]


async def send(caller: Caller, route: Route, content: bytes) -> Any:
    """Raw bytes as a JSON body."""
    headers = {"Idempotency-Key": new_id(), "Content-Type": "application/json"}
    return await caller.send(route.method, path_of(route), content=content, headers=headers)


async def test_every_body_is_refused_when_it_is_no_json_object(town: Town) -> None:
    for route in WITH_BODY:
        for content in (b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe{}", b'{"a":NaN}', b"[" * 100_000):
            answer = await send(town.lender, route, content)
            assert code_of(answer, 400) == "input.malformed_json", (label(route), content[:10])


async def test_every_field_is_named_when_its_type_is_wrong(town: Town) -> None:
    for route in WITH_BODY:
        names = {field.encode_name for field in msgspec.structs.fields(route.body)}
        wrong = {name: {"an": ["object"]} for name in names}
        answer = await send(town.lender, route, msgspec.json.encode({**wrong, "unit_id": "x", "person_id": "y"}))
        assert code_of(answer, 400) == "input.invalid", label(route)
        # A field with fields of its own is named together with the one that is wrong: `wanted.an`.
        named = {name.split(".")[0] for name in fields_of(answer)}
        assert named == names | {"unit_id", "person_id"}, label(route)
        assert fields_of(answer)["unit_id"] == "input.unknown_field"


async def test_every_text_is_refused_when_it_holds_control_characters_or_is_endless(town: Town) -> None:
    for route in WITH_BODY:
        texts = {
            field.encode_name
            for field in msgspec.structs.fields(route.body)
            if is_text(field.type) and field.encode_name not in {"old_password", "new_password", "password"}
        }
        for text in () if not texts else ("看不见\u0000的", "铃\u0007", "x" * 100_000):
            answer = await send(town.lender, route, msgspec.json.encode(dict.fromkeys(texts, text)))
            assert 400 <= answer.status_code < 500, (label(route), text[:9], answer.text)


def is_text(type_: Any) -> bool:
    """Whether a field takes text."""
    try:
        return bool(msgspec.convert("123456", type_) == "123456")
    except msgspec.ValidationError:
        return False


@pytest.mark.parametrize("text", HOSTILE)
async def test_text_is_kept_as_typed_when_it_looks_like_code(town: Town, text: str) -> None:
    listing = {"asset_id": town.hall.projector.id, "terms": text, "longest_days": 7}
    data_of(await town.lender.post(f"/listings/{town.hall.listing.id}/closure", {"reason": text}), 201)
    assert data_of(await town.lender.post("/listings", listing), 201)["terms"] == text
    wanted = {"asset_id": town.hall.projector.id, "from_day": day(0).isoformat(), "to_day": day(1).isoformat()}
    view = data_of(await town.borrower.post("/borrowings", {**wanted, "purpose": text}), 201)
    assert data_of(await town.lender.get(f"/borrowings/{view['id']}"))["purpose"] == text
    card = {"version": town.hall.projector.version, "reason": text, "brand": text[:64], "specification": text}
    corrected = await town.lender.post(f"/assets/{town.hall.projector.id}/correction", card)
    if corrected.status_code == 409:
        # Listing moved the card's version on.
        card["version"] = data_of(await town.lender.get(f"/assets/{town.hall.projector.id}"))["version"]
        corrected = await town.lender.post(f"/assets/{town.hall.projector.id}/correction", card)
    assert data_of(corrected, 201)["specification"] == text
    for path, query in (("/listings", "text"), ("/assets", "text"), ("/categories", "text"), ("/people", "text")):
        found = await town.lender.get(path, **{query: text[:64]})
        assert found.status_code == 200, (path, found.text)
    assert (await town.lender.get("/scan", text=text)).status_code in {200, 404}
    withdrawn = await town.borrower.post(f"/borrowings/{view['id']}/withdrawal", {"reason": text})
    assert data_of(withdrawn, 201)["end_reason"] == text


@pytest.mark.parametrize(
    "given", ["0000000000000000", "%27%20OR%201%3D1--", "%00", "%F0%9F%9A%9A", "%ff%fe", "x" * 900, "-1"]
)
async def test_every_address_is_not_found_when_its_id_is_made_up(town: Town, given: str) -> None:
    for route in WITH_ID:
        path = "/".join(
            given if part.startswith("<") else part for part in route.path.removeprefix(MINI_PREFIX).split("/")
        )
        key = f"{route.method} {route.path}"
        query = _good(QUERIES.get(key, {}))
        headers = {} if route.method == "GET" else {"Idempotency-Key": new_id()}
        options: dict[str, Any] = {"json": _good(JSON_BODIES[key])} if route.body is not None else {}
        answer = await town.lender.send(route.method, path, params=query, headers=headers, **options)
        assert answer.status_code == 404, (label(route), answer.text)
        assert has_message(answer.json()["code"]), answer.text


def _good(template: Any) -> Any:
    """What the matrix sends, of things that nobody has."""
    return numbered(filled(template, with_days(made_up(""))))


async def test_body_is_refused_when_it_is_too_large(town: Town) -> None:
    for content in (b" " * 1_000_001, b'{"purpose":"' + b"x" * 1_100_000 + b'"}'):
        answer = await send(town.borrower, ROUTES["POST", f"{MINI_PREFIX}/borrowings"], content)
        assert code_of(answer, 413) == "request.too_large"


async def test_address_is_refused_in_the_envelope_when_there_is_none(town: Town) -> None:
    assert code_of(await town.borrower.get("/no-such-thing"), 404) == "request.not_found"
    wrong = await town.borrower.send("PUT", "/borrowings", headers={"Idempotency-Key": new_id()})
    assert code_of(wrong, 405) == "request.method_not_allowed"


async def test_nobody_reads_or_writes_when_no_session_is_shown(town: Town) -> None:
    open_to_all = {route for route in routes("GET", "POST", "DELETE") if route.access == "public"}
    assert {label(route) for route in open_to_all} == {
        "GET /scan",
        "POST /session/wechat",
        "POST /session/invitation",
        "POST /session/phone",
        "POST /session/password",
    }
    for token in (None, "x" * 43, "", "漢字".encode().hex()):
        caller = Caller(town.client, token)
        for route in routes("GET", "POST", "DELETE"):
            if route not in open_to_all:
                answer = await caller.send(route.method, path_of(route), headers={"Idempotency-Key": new_id()})
                assert code_of(answer, 401) == "session.required", label(route)
