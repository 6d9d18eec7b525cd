"""What the product asks of WeChat, in the product's own terms."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import msgspec


class WechatIdentity(msgspec.Struct, frozen=True):
    """Who opened the mini-program.

    `openid` names the person within this mini-program; `unionid` across the operator's WeChat apps, and is None
    unless the mini-program is bound to an open-platform account. The session key is not here on purpose: it must
    never leave the server, and nothing in the product needs it, so it is not even kept.
    """

    openid: str
    unionid: str | None


class SubscribeOutcome(StrEnum):
    """WeChat's last word on one message. Each of these is final: sending the same again changes nothing, or, where no
    word came, might tell the person twice."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The person declined, unsubscribed, or the messages they allowed are used up."""
    BANNED = "banned"
    """WeChat has switched the template or the account's messages off."""
    RECIPIENT_UNKNOWN = "recipient_unknown"
    CONTENT_INVALID = "content_invalid"
    """Template, page or a field's text breaks WeChat's rules."""
    UNKNOWN = "unknown"
    """The message went out and no answer came back: it may have arrived, or not."""


class SubscribeResult(msgspec.Struct, frozen=True):
    """The outcome and WeChat's own number for it (0 when accepted, None where no answer came), kept for support."""

    outcome: SubscribeOutcome
    errcode: int | None


class WechatGateway(Protocol):
    """The mini-program's server-side calls.

    Every method may raise `Unavailable` (`wechat.unavailable`, `wechat.misconfigured`, `wechat.unexpected`) and
    `LimitReached` (`wechat.too_often`, with `retry_after` seconds where waiting helps).
    """

    async def exchange_login_code(self, code: str) -> WechatIdentity:
        """Turn a `wx.login` code (5 minutes, single use) into an identity.

        Raises `InvalidInput` `wechat.code_invalid`, `Forbidden` `wechat.user_blocked` (WeChat's high-risk mark).
        """
        ...

    async def fetch_phone_number(self, code: str) -> str:
        """Turn a `getPhoneNumber` code (5 minutes, single use) into a phone number.

        Mainland numbers come bare (`13800001234`), others with their country code (`+85261234567`).
        Raises `InvalidInput` `wechat.code_invalid`.
        """
        ...

    async def send_subscribe_message(
        self, openid: str, template_id: str, page: str, data: Mapping[str, str]
    ) -> SubscribeResult:
        """Send one message; `data` maps the template's field names (`thing1`) to texts, `page` opens on tap.

        A returned result is final. A raised error says that this message was surely not sent, and may be tried later.
        """
        ...

    async def create_page_code(self, scene: str, page: str) -> bytes:
        """Return a picture (PNG or JPEG) of the code that opens `page` with `scene`.

        `scene`: 1 to 32 of WeChat's visible ASCII characters, no Chinese and no `%`; `page`: no leading `/` and no
        query. Raises `InvalidInput` `wechat.scene_invalid` or `wechat.page_invalid`.
        """
        ...

    async def close(self) -> None:
        """Give the connections back; no call may follow."""
        ...
