"""The real WeChat over HTTPS, as documented for mini-program servers.

wechatpy's client is not used: it repeats a 40001 without limit and knows neither `stable_token` nor phone numbers.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, NoReturn, TypeVar

import httpx
import msgspec
from redis.exceptions import RedisError

from server.gateways.wechat.errors import TOKEN_REFUSED, translate_errcode
from server.gateways.wechat.port import SubscribeOutcome, SubscribeResult, WechatIdentity
from server.gateways.wechat.redaction import redact_request_logs
from server.gateways.wechat.token import AccessToken, IssuedToken, TokenStore
from server.kernel.errors import FieldError, InvalidInput, Unavailable

log = logging.getLogger(__name__)

LOGIN_PATH = "/sns/jscode2session"
TOKEN_PATH = "/cgi-bin/stable_token"  # noqa: S105 - an address, not a token
PHONE_PATH = "/wxa/business/getuserphonenumber"
SUBSCRIBE_PATH = "/cgi-bin/message/subscribe/send"
PAGE_CODE_PATH = "/wxa/getwxacodeunlimit"

MiniProgramVersion = Literal["release", "trial", "develop"]

# The same three versions bear other names in the message interface.
MESSAGE_STATE: dict[MiniProgramVersion, str] = {"release": "formal", "trial": "trial", "develop": "developer"}

# 40003 openid, 43101 declined or used up, 43107 switched off; the others are faults of content.
FINAL_OUTCOMES: dict[int, SubscribeOutcome] = {
    0: SubscribeOutcome.ACCEPTED,
    40003: SubscribeOutcome.RECIPIENT_UNKNOWN,
    40037: SubscribeOutcome.CONTENT_INVALID,
    41030: SubscribeOutcome.CONTENT_INVALID,
    43101: SubscribeOutcome.REFUSED,
    43107: SubscribeOutcome.BANNED,
    45168: SubscribeOutcome.CONTENT_INVALID,
    47003: SubscribeOutcome.CONTENT_INVALID,
}

# WeChat's list for `scene`; `%` is missing from it, so Chinese cannot be percent-encoded either.
SCENE_PATTERN = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
PAGE_PATTERN = re.compile(r"[0-9A-Za-z_\-]+(/[0-9A-Za-z_\-]+)*")

# Real codes have 32 to 64 characters; anything far from that is not worth a call.
CODE_LENGTH_LIMIT = 256

# The connection never stood, so nothing of the request left this machine.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)

# A call is at most: normal token, forced token, the call and its one retry.
CALLS_AT_MOST = 4


class AnswerLost(Unavailable):
    """The request for `path` may have done its work; nobody heard."""

    def __init__(self, path: str) -> None:
        super().__init__("wechat.unavailable")
        self.path = path


class _Reply(msgspec.Struct, frozen=True):
    errcode: int = 0
    errmsg: str = ""


class _LoginReply(_Reply, frozen=True):
    openid: str = ""
    unionid: str | None = None


class _TokenReply(_Reply, frozen=True):
    access_token: str = ""
    expires_in: int = 0


class _PhoneInfo(msgspec.Struct, frozen=True, rename="camel"):
    pure_phone_number: str
    # The documents show it both as a number and as a string; non-strict decoding takes either.
    country_code: str | int


class _PhoneReply(_Reply, frozen=True):
    phone_info: _PhoneInfo | None = None


ReplyT = TypeVar("ReplyT", bound=_Reply)


class HttpxWechatGateway:
    """`WechatGateway` over httpx. One per process; `transport` stands in for the network in the sandbox mode."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        base_url: str,
        token_store: TokenStore,
        timeout_seconds: float,
        version: MiniProgramVersion = "release",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        redact_request_logs()
        self._app_id = app_id
        self._app_secret = app_secret
        self._version = version
        self._deadline_seconds = CALLS_AT_MOST * timeout_seconds
        self._timeout_seconds = timeout_seconds
        self._client = httpx.AsyncClient(base_url=base_url, timeout=timeout_seconds, transport=transport)
        self._token = AccessToken(
            token_store, self._fetch_token, name=f"access_token:{app_id}", lock_seconds=2 * timeout_seconds + 1
        )

    async def exchange_login_code(self, code: str) -> WechatIdentity:
        _require_code(code)
        parameters = {
            "appid": self._app_id,
            "secret": self._app_secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        response = await self._send("GET", LOGIN_PATH, params=parameters)
        reply = _accept(_decode(response, _LoginReply, LOGIN_PATH), LOGIN_PATH)
        if not reply.openid:
            _give_up(LOGIN_PATH, "no openid")
        return WechatIdentity(openid=reply.openid, unionid=reply.unionid or None)

    async def fetch_phone_number(self, code: str) -> str:
        _require_code(code)
        response = await self._call(PHONE_PATH, {"code": code})
        info = _accept(_decode(response, _PhoneReply, PHONE_PATH), PHONE_PATH).phone_info
        if info is None or not info.pure_phone_number:
            _give_up(PHONE_PATH, "no phone number")
        country = str(info.country_code)
        return info.pure_phone_number if country == "86" else f"+{country}{info.pure_phone_number}"

    async def send_subscribe_message(
        self, openid: str, template_id: str, page: str, data: Mapping[str, str]
    ) -> SubscribeResult:
        message = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "data": {field: {"value": text} for field, text in data.items()},
            "miniprogram_state": MESSAGE_STATE[self._version],
            "lang": "zh_CN",
        }
        try:
            reply = _decode(await self._call(SUBSCRIBE_PATH, message), _Reply, SUBSCRIBE_PATH)
        except AnswerLost as lost:
            if lost.path != SUBSCRIBE_PATH:
                raise  # without a token nothing was sent
            return SubscribeResult(outcome=SubscribeOutcome.UNKNOWN, errcode=None)
        outcome = FINAL_OUTCOMES.get(reply.errcode)
        if outcome is None:
            raise _refusal(reply, SUBSCRIBE_PATH)
        return SubscribeResult(outcome=outcome, errcode=reply.errcode)

    async def create_page_code(self, scene: str, page: str) -> bytes:
        _require_match(SCENE_PATTERN, scene, "scene")
        _require_match(PAGE_PATTERN, page, "page")
        # A page that is not published yet cannot be checked, so only the released version asks for the check.
        request = {
            "scene": scene,
            "page": page,
            "check_path": self._version == "release",
            "env_version": self._version,
        }
        response = await self._call(PAGE_CODE_PATH, request)
        if not _is_picture(response.content):
            _accept(_decode(response, _Reply, PAGE_CODE_PATH), PAGE_CODE_PATH)
            _give_up(PAGE_CODE_PATH, "no picture")
        return response.content

    async def close(self) -> None:
        await self._client.aclose()

    async def _call(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """POST with the shared token; a refused token is replaced and the call repeated exactly once."""
        return await self._within_deadline(path, lambda: self._call_twice_at_most(path, body))

    async def _call_twice_at_most(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        token = await self._token.current()
        response = await self._send("POST", path, params={"access_token": token}, json=body)
        if not _is_token_refused(response, path):
            return response
        token = await self._token.replace(token)
        return await self._send("POST", path, params={"access_token": token}, json=body)

    async def _within_deadline(self, path: str, call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await call()
        except TimeoutError:
            _lose_answer(path, "deadline passed")
        except RedisError as error:
            _give_up(path, f"token store: {type(error).__name__}")

    async def _fetch_token(self, *, force_refresh: bool) -> IssuedToken:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._app_secret,
            "force_refresh": force_refresh,
        }
        response = await self._send("POST", TOKEN_PATH, json=body)
        reply = _decode(response, _TokenReply, TOKEN_PATH)
        if reply.errcode in TOKEN_REFUSED:
            # No token was sent, so here 40001 means that the app secret is wrong: asking again cannot help.
            log.error("wechat refused the app secret")
            raise Unavailable("wechat.misconfigured")
        _accept(reply, TOKEN_PATH)
        if not reply.access_token or reply.expires_in <= 0:
            _give_up(TOKEN_PATH, "no token")
        return IssuedToken(access_token=reply.access_token, expires_in=reply.expires_in)

    async def _send(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        content = None if json is None else msgspec.json.encode(json)
        headers = None if json is None else {"Content-Type": "application/json"}
        try:
            # httpx's timeout is per read: a trickling answer would pass it, hence the whole-call limit as well.
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.request(method, path, params=params, content=content, headers=headers)
        except UNSENT as error:
            _give_up(path, type(error).__name__)
        except (httpx.HTTPError, TimeoutError) as error:
            _lose_answer(path, type(error).__name__)
        if response.status_code != httpx.codes.OK:
            _lose_answer(path, f"status {response.status_code}")
        return response


def _require_code(code: str) -> None:
    if not code or len(code) > CODE_LENGTH_LIMIT or not code.isascii() or not code.isprintable():
        raise InvalidInput("wechat.code_invalid", fields=[FieldError("code", "wechat.code_invalid")])


def _require_match(pattern: re.Pattern[str], value: str, field: str) -> None:
    if pattern.fullmatch(value) is None:
        code = f"wechat.{field}_invalid"
        raise InvalidInput(code, fields=[FieldError(field, code)])


def _is_picture(content: bytes) -> bool:
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def _is_token_refused(response: httpx.Response, path: str) -> bool:
    if _is_picture(response.content):
        return False
    return _decode(response, _Reply, path).errcode in TOKEN_REFUSED


def _decode(response: httpx.Response, kind: type[ReplyT], path: str) -> ReplyT:
    # By content, not by header: WeChat labels some JSON as text/plain. Non-strict: some numbers come as strings.
    try:
        return msgspec.json.decode(response.content, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _lose_answer(path, "unreadable answer")


def _accept(reply: ReplyT, path: str) -> ReplyT:
    if reply.errcode != 0:
        raise _refusal(reply, path)
    return reply


def _refusal(reply: _Reply, path: str) -> Exception:
    # WeChat's support asks for the rid; the rest of errmsg may name addresses and stays out of the log.
    rid = re.search(r"rid: ([0-9a-f-]+)", reply.errmsg)
    log.warning("wechat refused path=%s errcode=%d rid=%s", path, reply.errcode, rid.group(1) if rid else "-")
    return translate_errcode(reply.errcode)


def _give_up(path: str, reason: str) -> NoReturn:
    # `from None`: httpx's errors hold the request, whose address carries the secret or the token.
    log.warning("wechat gave no usable answer path=%s reason=%s", path, reason)
    raise Unavailable("wechat.unavailable") from None


def _lose_answer(path: str, reason: str) -> NoReturn:
    log.warning("wechat's answer got lost path=%s reason=%s", path, reason)
    raise AnswerLost(path) from None
