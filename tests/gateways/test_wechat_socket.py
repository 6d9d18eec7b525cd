"""The same gateway over a real connection, and what it leaves in the logs."""

import asyncio
import logging
import traceback

import httpx
import pytest

from server.gateways.wechat import WechatConfig, build_wechat_gateway
from server.kernel.errors import InvalidInput, Unavailable
from tests.gateways.asgi_socket import serve
from tests.gateways.wechat_world import APP_ID, APP_SECRET, make_sandbox


def make_config(base_url: str, timeout_seconds: float = 2.0) -> WechatConfig:
    return WechatConfig(
        mode="real",
        app_id=APP_ID,
        app_secret=APP_SECRET,
        base_url=base_url,
        is_production=False,
        timeout_seconds=timeout_seconds,
    )


async def hung_up_within(reader: asyncio.StreamReader, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return not await reader.read(65_536)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


async def test_every_call_works_when_spoken_over_a_socket() -> None:
    sandbox = make_sandbox(opening_quota=1)
    async with serve(sandbox) as base_url:
        gateway = build_wechat_gateway(make_config(base_url))
        identity = await gateway.exchange_login_code("sandbox-chen-jing")
        number = await gateway.fetch_phone_number("sandbox-phone-13857100001")
        sandbox.tokens.expire()
        sent = await gateway.send_subscribe_message(identity.openid, "template", "", {"thing1": "借用已通过"})
        picture = await gateway.create_page_code("a=9f3c", "pages/asset/show")
        await gateway.close()

    assert identity.openid == sandbox.openid_of("chen-jing")
    assert number == "13857100001"
    assert sent.outcome == "accepted"
    assert sandbox.sent[0].data == {"thing1": "借用已通过"}
    assert picture.startswith(b"\x89PNG")


async def test_nothing_secret_is_logged_when_everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    sandbox = make_sandbox(opening_quota=1)
    code = sandbox.mint_login_code("chen-jing")
    async with serve(sandbox) as base_url:
        gateway = build_wechat_gateway(make_config(base_url))
        with caplog.at_level(logging.DEBUG):
            identity = await gateway.exchange_login_code(code)
            with pytest.raises(InvalidInput) as reused:
                await gateway.exchange_login_code(code)
            await gateway.fetch_phone_number("sandbox-phone-13857100001")
        await gateway.close()

    assert "/sns/jscode2session" in caplog.text  # the calls themselves are logged
    for secret in (APP_SECRET, code, identity.openid, sandbox.tokens.issue().token, "13857100001", "key-of"):
        assert secret not in caplog.text
    assert not reused.value.data


async def test_nothing_secret_is_told_when_wechat_is_out_of_reach(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(make_sandbox()) as base_url:
        pass  # the port is free again: nobody listens
    gateway = build_wechat_gateway(make_config(base_url))

    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable, match=r"^wechat\.unavailable$") as caught:
        await gateway.exchange_login_code("sandbox-chen-jing")
    await gateway.close()

    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert APP_SECRET not in told
    # httpx's own error holds the request with its query, so no report may follow the chain to it.
    assert caught.value.__suppress_context__
    assert not caught.value.data
    assert "ConnectError" in caplog.text


async def test_call_ends_when_the_answer_only_trickles() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        try:
            while not await hung_up_within(reader, 0.02):
                writer.write(b" ")
                await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        gateway = build_wechat_gateway(make_config(f"http://127.0.0.1:{port}", timeout_seconds=0.2))
        with pytest.raises(Unavailable, match=r"^wechat\.unavailable$"):
            async with asyncio.timeout(5):
                await gateway.exchange_login_code("sandbox-chen-jing")
        await gateway.close()


async def test_other_addresses_stay_readable_when_secrets_are_cut(caplog: pytest.LogCaptureFixture) -> None:
    sandbox = make_sandbox()
    async with httpx.AsyncClient(transport=sandbox.transport(), base_url="http://wechat.test") as client:
        with caplog.at_level(logging.INFO):
            await client.get("/anything", params={"page": "2"})

    assert "/anything?page=2" in caplog.text
