"""What may stand behind the port, and that nothing starts that should not."""

import string

import pytest

from server.gateways.wechat import MESSAGES, WechatConfig, WechatConfigError, WechatSandbox, build_wechat_gateway
from server.gateways.wechat.errors import MEANINGS, translate_errcode
from server.kernel.messages import has_message, sentence_for


@pytest.mark.parametrize(
    ("config", "code"),
    [
        (WechatConfig(mode="sandbox", is_production=True), "wechat.sandbox_in_production"),
        (
            WechatConfig(mode="sandbox", is_production=True, app_id="wx1", app_secret="s"),
            "wechat.sandbox_in_production",
        ),
        (WechatConfig(mode="real", is_production=True), "wechat.credentials_missing"),
        (WechatConfig(mode="real", is_production=False, app_id="wx1"), "wechat.credentials_missing"),
        (WechatConfig(mode="real", is_production=False, app_secret="s"), "wechat.credentials_missing"),
        (
            WechatConfig(mode="real", is_production=True, app_id="wx1", app_secret="s", base_url="http://proxy.test"),
            "wechat.base_url_insecure",
        ),
    ],
)
def test_start_is_refused_when_settings_are_unsafe(config: WechatConfig, code: str) -> None:
    with pytest.raises(WechatConfigError) as caught:
        build_wechat_gateway(config)

    assert caught.value.code == code
    assert str(caught.value) == MESSAGES[code]


async def test_demo_login_works_when_nothing_is_configured() -> None:
    gateway = build_wechat_gateway(WechatConfig(mode="sandbox", is_production=False))

    identity = await gateway.exchange_login_code("sandbox-chen-jing")
    sent = await gateway.send_subscribe_message(identity.openid, "template", "pages/home", {"thing1": "借用已通过"})
    await gateway.close()

    assert identity.openid == WechatSandbox().openid_of("chen-jing")
    assert sent.outcome == "accepted"


async def test_given_sandbox_is_used_when_a_test_steers_it() -> None:
    sandbox = WechatSandbox()
    gateway = build_wechat_gateway(WechatConfig(mode="sandbox", is_production=False), sandbox=sandbox)

    await gateway.fetch_phone_number(sandbox.mint_phone_code("13857100001"))
    await gateway.close()

    assert sandbox.calls.total() == 2


def test_secret_is_hidden_when_config_is_printed() -> None:
    config = WechatConfig(mode="real", is_production=True, app_id="wx1", app_secret="very-secret")

    assert "very-secret" not in f"{config} {config!r}"


@pytest.mark.parametrize("errcode", [*MEANINGS, 99999])
def test_sentence_is_complete_when_wechat_refuses(errcode: int) -> None:
    error = translate_errcode(errcode)

    assert has_message(error.code)
    assert "{" not in sentence_for(error)


@pytest.mark.parametrize("code", MESSAGES)
def test_sentence_is_chinese_when_read(code: str) -> None:
    assert has_message(code)
    assert MESSAGES[code].endswith("。")
    assert set(MESSAGES[code]) - set(string.printable)
