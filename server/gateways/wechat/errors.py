"""What WeChat's error numbers mean to us, and the fault of a configuration that must not start."""

from server.gateways.wechat.messages import MESSAGES
from server.kernel.errors import DomainError, Forbidden, InvalidInput, LimitReached, Unavailable

# The token was refused: 40001 not the latest, 40014 malformed, 42001 expired.
TOKEN_REFUSED = frozenset({40001, 40014, 42001})

MINUTE_LIMIT = 45011
MINUTE_SECONDS = 60

MEANINGS: dict[int, tuple[type[DomainError], str]] = {
    -1: (Unavailable, "wechat.unavailable"),  # busy
    40001: (Unavailable, "wechat.unavailable"),  # token refused, also after its replacement
    40014: (Unavailable, "wechat.unavailable"),
    42001: (Unavailable, "wechat.unavailable"),
    40029: (InvalidInput, "wechat.code_invalid"),  # unknown, expired or used
    40163: (InvalidInput, "wechat.code_invalid"),  # used
    41008: (InvalidInput, "wechat.code_invalid"),  # empty
    40226: (Forbidden, "wechat.user_blocked"),
    40169: (InvalidInput, "wechat.scene_invalid"),
    41030: (InvalidInput, "wechat.page_invalid"),
    43108: (LimitReached, "wechat.too_often"),  # two sends to one person at once
    45009: (LimitReached, "wechat.too_often"),  # the interface's quota
    MINUTE_LIMIT: (LimitReached, "wechat.too_often"),
    40002: (Unavailable, "wechat.misconfigured"),  # grant type
    40013: (Unavailable, "wechat.misconfigured"),  # app id
    40125: (Unavailable, "wechat.misconfigured"),  # app secret
    40164: (Unavailable, "wechat.misconfigured"),  # our address is not on the account's list
    40243: (Unavailable, "wechat.misconfigured"),  # app secret frozen
    41002: (Unavailable, "wechat.misconfigured"),  # app id missing
    41004: (Unavailable, "wechat.misconfigured"),  # app secret missing
    48001: (Unavailable, "wechat.misconfigured"),  # interface not granted
    48004: (Unavailable, "wechat.misconfigured"),  # interface banned
    50007: (Unavailable, "wechat.misconfigured"),  # account frozen
}


class WechatConfigError(ValueError):
    """The settings would start an unsafe or unusable gateway; `code` is stable, the text is for the operator."""

    def __init__(self, code: str) -> None:
        super().__init__(MESSAGES[code])
        self.code = code


def translate_errcode(errcode: int) -> DomainError:
    """Name the domain error for a non-zero WeChat errcode. Carries the number at most: never a token or a code."""
    if errcode not in MEANINGS:
        return Unavailable("wechat.unexpected", errcode=errcode)
    kind, code = MEANINGS[errcode]
    if errcode == MINUTE_LIMIT:
        return kind(code, retry_after=MINUTE_SECONDS)
    return kind(code)
