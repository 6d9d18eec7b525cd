"""Subscribe messages and page codes, against the sandbox inside the process."""

import httpx
import msgspec
import pytest

from server.gateways.wechat import SubscribeOutcome, SubscribeResult
from server.gateways.wechat.adapter import MiniProgramVersion
from server.kernel.errors import InvalidInput, LimitReached, Unavailable
from tests.gateways.wechat_world import PAGE_CODE_PATH, SUBSCRIBE_PATH, TOKEN_PATH, FaultyLine, connect, make_sandbox

TEMPLATE = "mTq8vX2nL0kR4wYb6JcZ1dHs5fGa9eUi7oPx3NtVlQE"
RETURN_DUE = {"thing1": "爱普生投影仪 CB-X06", "date2": "2026年03月05日", "thing3": "请于到期前归还至区公物仓"}


async def test_message_arrives_when_the_person_allowed_it() -> None:
    sandbox = make_sandbox()
    openid = sandbox.openid_of("chen-jing")
    sandbox.subscriptions.accept(openid, TEMPLATE)

    result = await connect(sandbox).send_subscribe_message(openid, TEMPLATE, "pages/loan/show?id=7", RETURN_DUE)

    assert result == SubscribeResult(SubscribeOutcome.ACCEPTED, 0)
    assert [(m.openid, m.page, m.data) for m in sandbox.sent] == [(openid, "pages/loan/show?id=7", RETURN_DUE)]


async def test_one_message_goes_per_acceptance_when_two_are_sent() -> None:
    sandbox = make_sandbox()
    openid = sandbox.openid_of("chen-jing")
    sandbox.subscriptions.accept(openid, TEMPLATE)
    gateway = connect(sandbox)

    outcomes = [await gateway.send_subscribe_message(openid, TEMPLATE, "pages/loan/list", RETURN_DUE) for _ in "ab"]

    assert outcomes == [
        SubscribeResult(SubscribeOutcome.ACCEPTED, 0),
        SubscribeResult(SubscribeOutcome.REFUSED, 43101),
    ]
    assert len(sandbox.sent) == 1


async def test_quota_is_apart_when_person_or_template_differs() -> None:
    sandbox = make_sandbox()
    chen, wu = sandbox.openid_of("chen-jing"), sandbox.openid_of("wu-min")
    sandbox.subscriptions.accept(chen, TEMPLATE)
    gateway = connect(sandbox)

    assert (await gateway.send_subscribe_message(wu, TEMPLATE, "", RETURN_DUE)).outcome == "refused"
    assert (await gateway.send_subscribe_message(chen, "other-template", "", RETURN_DUE)).outcome == "refused"
    assert (await gateway.send_subscribe_message(chen, TEMPLATE, "", RETURN_DUE)).outcome == "accepted"


async def test_message_is_refused_when_the_person_unsubscribed() -> None:
    sandbox = make_sandbox(opening_quota=5)
    openid = sandbox.openid_of("chen-jing")
    sandbox.subscriptions.refuse(openid, TEMPLATE)

    assert (await connect(sandbox).send_subscribe_message(openid, TEMPLATE, "", RETURN_DUE)).errcode == 43101


@pytest.mark.parametrize(
    ("openid", "template", "page", "data", "outcome", "errcode"),
    [
        ("not-an-openid", TEMPLATE, "", RETURN_DUE, SubscribeOutcome.RECIPIENT_UNKNOWN, 40003),
        (None, "", "", RETURN_DUE, SubscribeOutcome.CONTENT_INVALID, 40037),
        (None, TEMPLATE, "/pages/loan/list", RETURN_DUE, SubscribeOutcome.CONTENT_INVALID, 41030),
        (None, TEMPLATE, "", {}, SubscribeOutcome.CONTENT_INVALID, 47003),
        (None, TEMPLATE, "", {"thing1": ""}, SubscribeOutcome.CONTENT_INVALID, 47003),
        (None, TEMPLATE, "", {"thing1": "长" * 21}, SubscribeOutcome.CONTENT_INVALID, 47003),
    ],
)
async def test_outcome_is_final_when_message_breaks_a_rule(
    openid: str | None, template: str, page: str, data: dict[str, str], outcome: SubscribeOutcome, errcode: int
) -> None:
    sandbox = make_sandbox(opening_quota=5)
    recipient = openid or sandbox.openid_of("chen-jing")

    result = await connect(sandbox).send_subscribe_message(recipient, template, page, data)

    assert result == SubscribeResult(outcome, errcode)
    assert not sandbox.sent


@pytest.mark.parametrize(("errcode", "kind"), [(43108, LimitReached), (45009, LimitReached), (-1, Unavailable)])
async def test_message_may_be_tried_later_when_wechat_is_busy(errcode: int, kind: type[Exception]) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(SUBSCRIBE_PATH, httpx.Response(200, json={"errcode": errcode, "errmsg": ""}))

    with pytest.raises(kind):
        await connect(sandbox, line=line).send_subscribe_message("o" * 28, TEMPLATE, "", RETURN_DUE)


@pytest.mark.parametrize(
    ("version", "state", "is_checked"),
    [("release", "formal", True), ("trial", "trial", False), ("develop", "developer", False)],
)
async def test_version_is_named_in_each_interfaces_words_when_sent(
    version: MiniProgramVersion, state: str, is_checked: bool
) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    gateway = connect(sandbox, line=line, version=version)
    await gateway.send_subscribe_message(sandbox.openid_of("wu-min"), TEMPLATE, "", RETURN_DUE)
    await gateway.create_page_code("a=9f3c", "pages/asset/show")

    bodies = {request.url.path: msgspec.json.decode(request.content) for request in line.requests}
    assert bodies[SUBSCRIBE_PATH]["miniprogram_state"] == state
    assert bodies[PAGE_CODE_PATH]["env_version"] == version
    assert bodies[PAGE_CODE_PATH]["check_path"] is is_checked


async def test_picture_differs_when_scene_differs() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)

    first = await gateway.create_page_code("a=9f3c", "pages/asset/show")
    second = await gateway.create_page_code("a=9f3d", "pages/asset/show")

    assert first.startswith(b"\x89PNG\r\n\x1a\n")
    assert first != second


@pytest.mark.parametrize("scene", ["", "a" * 33, "投影仪", "a b", "a%20b", "a\n"])
async def test_no_call_is_made_when_scene_breaks_a_rule(scene: str) -> None:
    sandbox = make_sandbox()

    with pytest.raises(InvalidInput) as caught:
        await connect(sandbox).create_page_code(scene, "pages/asset/show")

    assert (caught.value.code, caught.value.fields[0].field) == ("wechat.scene_invalid", "scene")
    assert not sandbox.calls


@pytest.mark.parametrize("page", ["", "/pages/asset/show", "pages/asset/show?id=1", "页面"])
async def test_no_call_is_made_when_page_breaks_a_rule(page: str) -> None:
    sandbox = make_sandbox()

    with pytest.raises(InvalidInput) as caught:
        await connect(sandbox).create_page_code("a=9f3c", page)

    assert (caught.value.code, caught.value.fields[0].field) == ("wechat.page_invalid", "page")
    assert not sandbox.calls


async def test_longest_scene_is_drawn_when_every_allowed_symbol_is_in_it() -> None:
    sandbox = make_sandbox()

    assert await connect(sandbox).create_page_code("!#$&'()*+,/:;=?@-._~aZ0123456789", "pages/asset/show")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={"errcode": 41030, "errmsg": "invalid page"}), InvalidInput("wechat.page_invalid")),
        (httpx.Response(200, json={"errcode": 40169, "errmsg": "bad scene"}), InvalidInput("wechat.scene_invalid")),
        (httpx.Response(200, json={"errcode": 0, "errmsg": "ok"}), Unavailable("wechat.unavailable")),
        (httpx.Response(200, content=b"GIF89a"), Unavailable("wechat.unavailable")),
    ],
)
async def test_error_is_named_when_no_picture_comes(answer: httpx.Response, error: InvalidInput | Unavailable) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(PAGE_CODE_PATH, answer)

    with pytest.raises(type(error), match=error.code):
        await connect(sandbox, line=line).create_page_code("a=9f3c", "pages/asset/show")


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadTimeout("no answer"),
        httpx.RemoteProtocolError("cut off"),
        httpx.Response(502, content=b"bad gateway"),
        httpx.Response(200, content=b"<html>"),
    ],
    ids=["timeout", "cut off", "gateway", "unreadable"],
)
async def test_outcome_is_unknown_when_the_answer_to_a_message_got_lost(fault: httpx.Response | Exception) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(SUBSCRIBE_PATH, fault)

    result = await connect(sandbox, line=line).send_subscribe_message("o" * 28, TEMPLATE, "", RETURN_DUE)

    assert result == SubscribeResult(SubscribeOutcome.UNKNOWN, None)


async def test_outcome_is_unknown_when_wechat_hangs_over_a_message() -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.hang(SUBSCRIBE_PATH)

    gateway = connect(sandbox, line=line, timeout_seconds=0.05)
    result = await gateway.send_subscribe_message("o" * 28, TEMPLATE, "", RETURN_DUE)

    assert result.outcome == SubscribeOutcome.UNKNOWN


@pytest.mark.parametrize("path", [SUBSCRIBE_PATH, TOKEN_PATH])
async def test_message_was_surely_not_sent_when_no_connection_stood(path: str) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(path, httpx.ConnectError("refused"))

    with pytest.raises(Unavailable, match=r"wechat\.unavailable"):
        await connect(sandbox, line=line).send_subscribe_message("o" * 28, TEMPLATE, "", RETURN_DUE)


async def test_message_was_surely_not_sent_when_the_token_got_lost() -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(TOKEN_PATH, httpx.ReadTimeout("no answer"))

    with pytest.raises(Unavailable, match=r"wechat\.unavailable"):
        await connect(sandbox, line=line).send_subscribe_message("o" * 28, TEMPLATE, "", RETURN_DUE)
    assert not line.calls[SUBSCRIBE_PATH]
