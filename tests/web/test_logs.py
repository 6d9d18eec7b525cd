"""Logs: one JSON object a line whatever is in it, with the request's id, and with nothing secret."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.web.logs import JsonFormatter, configure_logs, request_id_of_context
from tests.support.http import code_of


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the product's loggers write meanwhile, formatted as it is in production."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize("text", ["借用\n{}\r\n\x1b[31m", '"}{"level":"error"', "\u2028\u2029", "\ud800半个", "\x00"])
def test_line_is_one_object_when_the_text_is_hostile(text: str):
    # Not through a logger: what the runner captures it sends between processes, and half a character cannot be sent.
    record = logging.makeLogRecord(
        {"name": "server.test", "levelname": "INFO", "msg": "看 %s", "args": (text,), "facts": {"path": text}}
    )
    written = JsonFormatter().format(record)
    assert "\n" not in written
    told = json.loads(written)
    assert (told["message"], told["path"], told["level"]) == (f"看 {text}", text, "info")
    assert told["logger"] == "server.test"
    assert told["at"].endswith("+00:00")


def test_stack_is_told_in_the_same_line_when_something_failed(lines: io.StringIO):
    try:
        json.loads("打印机\n没有纸了")
    except ValueError:
        logging.getLogger("server.test").exception("failed")
    (told,) = read(lines)
    assert "Expecting value" in told["error"]
    assert "test_logs.py" in told["error"]


def test_request_is_named_when_the_line_belongs_to_one(lines: io.StringIO):
    token = request_id_of_context.set("a-request-id")
    logging.getLogger("server.test").warning("one")
    request_id_of_context.reset(token)
    logging.getLogger("server.test").warning("two")
    assert [told.get("request_id") for told in read(lines)] == ["a-request-id", None]


async def test_refusal_is_told_without_its_secrets_when_one_is_answered(client: httpx.AsyncClient, lines: io.StringIO):
    answer = await client.post(
        "/mini/v1/session/password?ticket=secret-in-query",
        json={"login_name": "wangxm", "password": "secret-in-body"},
        headers={
            "Authorization": "Bearer secret-in-header",
            "Cookie": "gwc_session=secret-in-cookie",
            "X-Request-ID": "my-request-1",
            "Idempotency-Key": "secret-idempotency-key",
        },
    )
    assert answer.status_code >= 400
    told = [line for line in read(lines) if line["logger"] == "server.access"]
    assert [(line["method"], line["path"], line["status"]) for line in told] == [
        ("POST", "/mini/v1/session/password", answer.status_code)
    ]
    assert told[0]["request_id"] == "my-request-1"
    assert told[0]["milliseconds"] >= 0
    # The test's own client is of this process too.
    assert "secret" not in "".join(str(line) for line in read(lines) if line["logger"] != "httpx")


async def test_quick_read_is_counted_and_not_told_when_it_went_well(client: httpx.AsyncClient, lines: io.StringIO):
    assert (await client.get("/healthz")).status_code == 200
    assert code_of(await client.get("/mini/v1/nowhere"), 404) == "request.not_found"
    assert [line["path"] for line in read(lines) if line["logger"] == "server.access"] == ["/mini/v1/nowhere"]


def test_every_logger_writes_json_when_logs_are_configured(capsys: pytest.CaptureFixture[str]):
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        configure_logs()
        logging.getLogger("sanic.root").info("started")
        logging.getLogger("server.test").debug("unheard")
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in told] == ["started"]
