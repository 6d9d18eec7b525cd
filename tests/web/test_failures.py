"""Every error becomes an answer of its kind, in JSON or as a page, and a fault of ours tells nothing of itself."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sanic import HTTPResponse, Request
from sanic.exceptions import RequestTimeout, ServiceUnavailable

from server.app import create_app
from server.kernel import errors
from server.kernel.errors import DomainError, FieldError, InvalidInput, LimitReached
from server.kernel.ids import new_id
from server.settings import Settings
from tests.support.asgi import asgi_client
from tests.support.http import code_of, fields_of

RAISED: list[Exception] = []
KINDS = [
    (InvalidInput(fields=[FieldError("days", "input.too_large", limit=180)]), 400),
    (errors.Unauthenticated("session.required"), 401),
    (errors.Forbidden("role.required"), 403),
    (errors.NotFound("record.not_found"), 404),
    (errors.StateConflict("record.changed"), 409),
    (LimitReached("request.too_large", limit=5), 413),
    (LimitReached("request.too_often", retry_after=30), 429),
    (errors.Unavailable("storage.busy"), 503),
]


@pytest.fixture
async def failing(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The product with an address in each door that raises what a test put into RAISED."""

    async def fail(request: Request) -> HTTPResponse:
        raise RAISED[0]

    app = create_app(settings, name=f"gwc_{new_id()}")
    app.add_route(fail, "/mini/v1/failing", name="failing_mini")
    app.add_route(fail, "/failing", name="failing_page")
    async with asgi_client(app) as client:
        yield client


@pytest.mark.parametrize(("error", "status"), KINDS, ids=lambda value: getattr(value, "code", None))
async def test_status_and_sentence_are_those_of_the_kind_when_it_is_raised(
    failing: httpx.AsyncClient, error: DomainError, status: int
):
    RAISED[:] = [error]
    answer = await failing.get("/mini/v1/failing")
    assert code_of(answer, status) == error.code
    assert answer.json()["message"]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    page = await failing.get("/failing")
    assert page.status_code == (303 if status == 401 else status)
    assert status == 401 or answer.json()["message"] in page.text
    assert ("retry-after" in answer.headers) == ("retry-after" in page.headers) == (status in {429, 503})


async def test_fields_are_named_when_some_are_wrong(failing: httpx.AsyncClient):
    RAISED[:] = [KINDS[0][0]]
    answer = await failing.get("/mini/v1/failing")
    assert fields_of(answer) == {"days": "input.too_large"}
    assert answer.json()["data"]["fields"][0]["message"] == "数值太大，不能大于 180。"


async def test_only_its_number_is_told_when_it_is_a_fault_of_ours(failing: httpx.AsyncClient):
    RAISED[:] = [RuntimeError("password=hunter2 at 10.0.0.8")]
    for path in ("/mini/v1/failing", "/failing"):
        answer = await failing.get(path)
        assert answer.status_code == 500
        assert "hunter2" not in answer.text
        assert "RuntimeError" not in answer.text
        assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(RequestTimeout(), 503, "request.timeout"), (ServiceUnavailable(), 503, "storage.unavailable")],
)
async def test_own_words_are_used_when_the_server_itself_refuses(
    failing: httpx.AsyncClient, error: Exception, status: int, code: str
):
    RAISED[:] = [error]
    assert code_of(await failing.get("/mini/v1/failing"), status) == code


async def test_answer_is_of_the_door_when_there_is_no_such_address(failing: httpx.AsyncClient):
    assert code_of(await failing.get("/mini/v1/nowhere"), 404) == "request.not_found"
    assert code_of(await failing.delete("/mini/v1/me"), 405) == "request.method_not_allowed"
    page = await failing.get("/nowhere")
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert page.headers["content-type"].startswith("text/html")
