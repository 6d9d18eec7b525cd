"""A WeChat that speaks the same HTTP, for the demo and the tests: a plain ASGI app, mountable without a port.

Like the original it answers HTTP 200 with an `errcode`, takes tokens in the query and returns pictures as bytes.
`sandbox-<name>` is a login code of the person <name>, `sandbox-phone-13800001234` a phone code of that number
(`sandbox-phone-852-61234567` abroad); a suffix such as `.7` makes another single-use code of the same one.
Nothing is kept when the process ends. Never for production: `build_wechat_gateway` refuses that.
"""

import hmac
import io
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec
import segno

from server.gateways.wechat.sandbox_rules import (
    LOGIN_CODE,
    PHONE_CODE,
    CodeBook,
    Subscriptions,
    TokenBook,
    derive_openid,
    find_message_fault,
)

SANDBOX_APP_ID = "wx0000000000sandbox"
SANDBOX_APP_SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox

SENT_KEPT = 1000
SCENE_ALLOWED = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ERROR_TEXTS = {
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40169: "invalid length for scene, or the data is not json string",
    40226: "code blocked",
    41001: "access_token missing",
    41030: "invalid page",
    43002: "require POST method",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    47001: "data format error",
    47003: "argument invalid!",
}


class SentMessage(msgspec.Struct, frozen=True):
    """A subscribe message as the person's phone would show it."""

    openid: str
    template_id: str
    page: str
    data: dict[str, str]


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer."""

    body: bytes
    content_type: str = "application/json; encoding=utf-8"
    status: int = 200


class WechatSandbox:
    """The sandbox and the handles that stand for people's taps and WeChat's own decisions."""

    def __init__(
        self,
        app_id: str = SANDBOX_APP_ID,
        app_secret: str = SANDBOX_APP_SECRET,
        *,
        opening_quota: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`opening_quota`: messages allowed per person and template before anyone tapped 允许."""
        self._app_id = app_id
        self._app_secret = app_secret
        self._clock = clock
        self._blocked: set[str] = set()
        self._login_codes = CodeBook(clock)
        self._phone_codes = CodeBook(clock)
        self.tokens = TokenBook(clock)
        self.subscriptions = Subscriptions(opening_quota)
        self.sent: deque[SentMessage] = deque(maxlen=SENT_KEPT)
        self.calls: Counter[str] = Counter()
        self._routes: dict[str, tuple[str, Callable[[Mapping[str, str], Mapping[str, Any]], Answer]]] = {
            "/sns/jscode2session": ("GET", self._log_in),
            "/cgi-bin/stable_token": ("POST", self._issue_token),
            "/wxa/business/getuserphonenumber": ("POST", self._tell_phone),
            "/cgi-bin/message/subscribe/send": ("POST", self._send_message),
            "/wxa/getwxacodeunlimit": ("POST", self._draw_page_code),
        }

    def transport(self) -> httpx.AsyncBaseTransport:
        """A transport that reaches this sandbox inside the process."""
        return httpx.ASGITransport(app=self)

    def mint_login_code(self, name: str) -> str:
        """A fresh code as the phone of `name` (ASCII letters, digits, `-`, `_`) would get from `wx.login`."""
        return self._login_codes.mint(f"sandbox-{name}")

    def mint_phone_code(self, number: str, country: str = "86") -> str:
        """A fresh code as the phone with this number would get from the phone-number button."""
        return self._phone_codes.mint(f"sandbox-phone-{country}-{number}")

    def openid_of(self, name: str) -> str:
        """The openid that `name`'s login codes lead to."""
        return derive_openid(self._app_id, name)

    def block_person(self, name: str) -> None:
        """Mark `name` as high-risk, as WeChat does: logins answer 40226."""
        self._blocked.add(name)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the sandbox speaks http only, not {scope['type']}")
        body = await _read_body(receive)
        answer = self._answer(scope["method"], scope["path"], scope["query_string"], body)
        headers = [
            (b"content-type", answer.content_type.encode()),
            (b"content-length", str(len(answer.body)).encode()),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _answer(self, method: str, path: str, query_string: bytes, body: bytes) -> Answer:
        self.calls[path] += 1
        if path not in self._routes:
            return Answer(body=b"not found", content_type="text/plain", status=404)
        expected_method, handle = self._routes[path]
        if method != expected_method:
            return _refuse(43002)
        query = dict(parse_qsl(query_string.decode("ascii", "replace")))
        try:
            payload = msgspec.json.decode(body, type=dict[str, Any]) if method == "POST" else {}
        except msgspec.DecodeError:
            return _refuse(47001)
        return handle(query, payload)

    def _log_in(self, query: Mapping[str, str], _: Mapping[str, Any]) -> Answer:
        fault = self._find_credential_fault(query, wrong_secret=40125)
        if fault or query.get("grant_type") != "authorization_code":
            return _refuse(fault or 40002)
        match = LOGIN_CODE.fullmatch(query.get("js_code", ""))
        if match is None:
            return _refuse(40029)
        if match["name"] in self._blocked:
            return _refuse(40226)
        if not self._login_codes.take(match.string):
            return _refuse(40029)
        openid = self.openid_of(match["name"])
        # The original labels this one text/plain.
        return _reply({"session_key": f"key-of-{openid}", "openid": openid}, content_type="text/plain")

    def _issue_token(self, _: Mapping[str, str], payload: Mapping[str, Any]) -> Answer:
        # The token interface alone answers 40001 to a wrong secret.
        fault = self._find_credential_fault(payload, wrong_secret=40001)
        if fault or payload.get("grant_type") != "client_credential":
            return _refuse(fault or 40002)
        issue = self.tokens.issue_forced() if payload.get("force_refresh") is True else self.tokens.issue()
        if issue is None:
            return _refuse(45009)
        return _reply({"access_token": issue.token, "expires_in": round(issue.ends_at - self._clock())})

    def _tell_phone(self, query: Mapping[str, str], payload: Mapping[str, Any]) -> Answer:
        fault = self._find_token_fault(query)
        if fault:
            return _refuse(fault)
        match = PHONE_CODE.fullmatch(str(payload.get("code", "")))
        if match is None or not self._phone_codes.take(match.string):
            return _refuse(40029)
        country, number = match["country"] or "86", match["number"]
        info = {
            "phoneNumber": number if country == "86" else f"+{country}{number}",
            "purePhoneNumber": number,
            "countryCode": country,
            "watermark": {"timestamp": round(self._clock()), "appid": self._app_id},
        }
        return _reply({"errcode": 0, "errmsg": "ok", "phone_info": info})

    def _send_message(self, query: Mapping[str, str], payload: Mapping[str, Any]) -> Answer:
        fault = self._find_token_fault(query) or find_message_fault(payload)
        if fault:
            return _refuse(fault)
        openid, template_id = str(payload["touser"]), str(payload["template_id"])
        if not self.subscriptions.spend(openid, template_id):
            return _refuse(43101)
        texts = {field: str(entry["value"]) for field, entry in payload["data"].items()}
        self.sent.append(SentMessage(openid, template_id, str(payload.get("page", "")), texts))
        return _reply({"errcode": 0, "errmsg": "ok"})

    def _draw_page_code(self, query: Mapping[str, str], payload: Mapping[str, Any]) -> Answer:
        fault = self._find_token_fault(query)
        if fault:
            return _refuse(fault)
        scene, page = str(payload.get("scene", "")), str(payload.get("page", ""))
        if SCENE_ALLOWED.fullmatch(scene) is None:
            return _refuse(40169)
        if page.startswith("/") or "?" in page:
            return _refuse(41030)
        picture = io.BytesIO()
        # An ordinary QR code, since only WeChat can draw its round one: any camera shows where it would lead.
        segno.make_qr(f"{page}?scene={scene}").save(picture, kind="png", scale=8)
        return Answer(body=picture.getvalue(), content_type="image/png")

    def _find_credential_fault(self, given: Mapping[str, Any], *, wrong_secret: int) -> int:
        if given.get("appid") != self._app_id:
            return 40013
        is_right = hmac.compare_digest(str(given.get("secret", "")).encode(), self._app_secret.encode())
        return 0 if is_right else wrong_secret

    def _find_token_fault(self, query: Mapping[str, str]) -> int:
        if "access_token" not in query:
            return 41001
        return 0 if self.tokens.is_valid(query["access_token"]) else 40001


def _reply(value: Mapping[str, Any], content_type: str = "application/json; encoding=utf-8") -> Answer:
    return Answer(body=msgspec.json.encode(value), content_type=content_type)


def _refuse(errcode: int) -> Answer:
    return _reply({"errcode": errcode, "errmsg": ERROR_TEXTS[errcode]})


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)
