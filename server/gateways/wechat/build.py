"""Decides once, at start, what stands behind the port."""

from typing import Literal
from urllib.parse import urlsplit

import msgspec

from server.gateways.wechat.adapter import HttpxWechatGateway, MiniProgramVersion
from server.gateways.wechat.errors import WechatConfigError
from server.gateways.wechat.port import WechatGateway
from server.gateways.wechat.sandbox import SANDBOX_APP_ID, SANDBOX_APP_SECRET, WechatSandbox
from server.gateways.wechat.token import MemoryTokenStore, TokenStore

API_BASE_URL = "https://api.weixin.qq.com"
SANDBOX_BASE_URL = "http://wechat.sandbox.invalid"

# The demo's people allow messages on a client that the in-process sandbox never hears of; the product's own quota
# decides what is sent, so the sandbox starts out willing.
DEMO_OPENING_QUOTA = 1000


class WechatConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`base_url` None: WeChat itself, or the sandbox inside this process; otherwise a proxy or a served sandbox.

    `timeout_seconds` limits each request; a call makes at most four of them. `version` is the mini-program's
    version that page codes and messages open.
    """

    mode: Literal["sandbox", "real"]
    app_id: str = ""
    app_secret: str = ""
    base_url: str | None = None
    is_production: bool
    timeout_seconds: float = 5.0
    version: MiniProgramVersion = "release"

    def __repr__(self) -> str:
        return f"WechatConfig(mode={self.mode!r}, app_id={self.app_id!r}, base_url={self.base_url!r})"


def build_wechat_gateway(
    config: WechatConfig, *, token_store: TokenStore | None = None, sandbox: WechatSandbox | None = None
) -> WechatGateway:
    """Build the gateway; call it once per process.

    `token_store` must be the shared one (Redis) when several processes serve; None keeps the token in this process.
    `sandbox` is the in-process sandbox to talk to, for tests that steer it. Raises `WechatConfigError`:
    `wechat.sandbox_in_production`, `wechat.credentials_missing`, `wechat.base_url_insecure`.
    """
    _require_safe(config)
    if config.mode == "sandbox":
        return _build_sandboxed(config, token_store, sandbox)
    return HttpxWechatGateway(
        app_id=config.app_id,
        app_secret=config.app_secret,
        base_url=config.base_url or API_BASE_URL,
        token_store=token_store or MemoryTokenStore(),
        timeout_seconds=config.timeout_seconds,
        version=config.version,
    )


def _require_safe(config: WechatConfig) -> None:
    if config.mode == "sandbox":
        if config.is_production:
            raise WechatConfigError("wechat.sandbox_in_production")
        return
    if not config.app_id or not config.app_secret:
        raise WechatConfigError("wechat.credentials_missing")
    if config.is_production and config.base_url and urlsplit(config.base_url).scheme != "https":
        raise WechatConfigError("wechat.base_url_insecure")


def _build_sandboxed(
    config: WechatConfig, token_store: TokenStore | None, sandbox: WechatSandbox | None
) -> WechatGateway:
    app_id, app_secret = config.app_id or SANDBOX_APP_ID, config.app_secret or SANDBOX_APP_SECRET
    transport = None
    if config.base_url is None:
        if sandbox is None:
            # Each process's own sandbox honours only its own tokens: sharing them would make each refuse the others'.
            sandbox, token_store = WechatSandbox(app_id, app_secret, opening_quota=DEMO_OPENING_QUOTA), None
        transport = sandbox.transport()
    return HttpxWechatGateway(
        app_id=app_id,
        app_secret=app_secret,
        base_url=config.base_url or SANDBOX_BASE_URL,
        token_store=token_store or MemoryTokenStore(),
        timeout_seconds=config.timeout_seconds,
        version=config.version,
        transport=transport,
    )
