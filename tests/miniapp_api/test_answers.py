"""What every JSON answer carries beside its data."""

import io
import json
import logging

import pytest

from server.web.logs import JsonFormatter
from tests.miniapp_api.conftest import Town
from tests.support.http import MINI_PREFIX


async def test_answer_is_guarded_when_it_is_data(town: Town) -> None:
    for answer in (await town.borrower.get("/listings"), await town.nobody.get("/listings")):
        headers = answer.headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert answer.json().keys() == {"code", "message", "data", "request_id"}


@pytest.mark.parametrize(
    ("sent", "is_taken"),
    [("0f3c-client-7", True), ("short", False), ('"><script>', False), ("x" * 65, False), ("line\tbreak-in", False)],
)
async def test_request_id_is_taken_only_when_it_is_harmless(town: Town, sent: str, is_taken: bool) -> None:
    answer = await town.borrower.send("GET", "/me", headers={"X-Request-ID": sent})
    assert (answer.json()["request_id"] == sent) is is_taken


async def test_failure_is_logged_without_its_query_and_token(town: Town) -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("server.access")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        await town.borrower.get("/listings", text="投影仪")
        assert lines.getvalue() == "", "a quick read that went well is counted, not told"
        answer = await town.borrower.get("/listings/nothing-here", text="投影仪")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    line = json.loads(lines.getvalue())
    assert (line["method"], line["path"], line["status"]) == (
        "GET",
        f"{MINI_PREFIX}/listings/nothing-here",
        404,
    )
    assert (line["level"], line["logger"], line["message"]) == ("info", "server.access", "request")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert town.borrower.token is not None and town.borrower.token not in lines.getvalue()
