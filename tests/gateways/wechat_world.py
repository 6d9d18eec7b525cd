"""A sandbox with a clock in the test's hand, gateways onto it, and a line that can be made to fail."""

import asyncio
from collections import Counter

import httpx

from server.gateways.wechat import MemoryTokenStore, TokenStore, WechatSandbox
from server.gateways.wechat.adapter import HttpxWechatGateway, MiniProgramVersion

APP_ID = "wx0123456789abcdef"
APP_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
BASE_URL = "http://wechat.test"

PHONE_PATH = "/wxa/business/getuserphonenumber"
TOKEN_PATH = "/cgi-bin/stable_token"
LOGIN_PATH = "/sns/jscode2session"
SUBSCRIBE_PATH = "/cgi-bin/message/subscribe/send"
PAGE_CODE_PATH = "/wxa/getwxacodeunlimit"


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class FaultyLine(httpx.AsyncBaseTransport):
    """Reaches the sandbox, except for the paths that were given an answer or an error of their own."""

    def __init__(self, sandbox: WechatSandbox) -> None:
        self._inner = sandbox.transport()
        self._faults: dict[str, httpx.Response | Exception | None] = {}
        self.calls: Counter[str] = Counter()
        self.requests: list[httpx.Request] = []

    def answer(self, path: str, fault: httpx.Response | Exception) -> None:
        self._faults[path] = fault

    def hang(self, path: str) -> None:
        self._faults[path] = None

    def mend(self, path: str) -> None:
        del self._faults[path]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls[path] += 1
        self.requests.append(request)
        if path not in self._faults:
            return await self._inner.handle_async_request(request)
        fault = self._faults[path]
        if fault is None:
            await asyncio.Event().wait()
        if isinstance(fault, Exception):
            raise fault
        assert fault is not None
        return httpx.Response(fault.status_code, content=fault.content, headers=fault.headers)


def make_sandbox(clock: Clock | None = None, opening_quota: int = 0) -> WechatSandbox:
    return WechatSandbox(APP_ID, APP_SECRET, opening_quota=opening_quota, clock=clock or Clock())


def connect(
    sandbox: WechatSandbox,
    *,
    store: TokenStore | None = None,
    line: httpx.AsyncBaseTransport | None = None,
    base_url: str = BASE_URL,
    timeout_seconds: float = 2.0,
    version: MiniProgramVersion = "release",
    app_secret: str = APP_SECRET,
) -> HttpxWechatGateway:
    return HttpxWechatGateway(
        app_id=APP_ID,
        app_secret=app_secret,
        base_url=base_url,
        token_store=store or MemoryTokenStore(),
        timeout_seconds=timeout_seconds,
        version=version,
        transport=line or sandbox.transport(),
    )
