"""What the sandbox remembers and how it decides: WeChat's documented rules for codes, tokens and messages.

The people and their openids follow from the codes' text alone, so a demo, a test and another process agree on them
without sharing anything.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
# In the last 5 minutes normal mode issues the next token, and both hold until the old one ends.
TOKEN_OVERLAP_SECONDS = 300
FORCED_INTERVAL_SECONDS = 30
FORCED_PER_DAY = 20
DAY_SECONDS = 86_400

LOGIN_CODE = re.compile(r"sandbox-(?!phone-)(?P<name>[0-9A-Za-z_\-]+)(\.[0-9A-Za-z]+)?")
PHONE_CODE = re.compile(r"sandbox-phone-((?P<country>\d{1,3})-)?(?P<number>\d{5,14})(\.[0-9A-Za-z]+)?")
OPENID = re.compile(r"o[0-9A-Za-z_\-]{27}")

# The longest text per kind of field, from the message interface's table.
FIELD_LENGTHS = {"thing": 20, "number": 32, "letter": 32, "symbol": 5, "character_string": 32, "phrase": 5}


class CodeBook:
    """Codes live 5 minutes and work once. A code nobody minted counts as minted when it first arrives."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._minted_at: dict[str, float] = {}
        self._used: set[str] = set()
        self._serial = 0

    def mint(self, stem: str) -> str:
        """Return a fresh code for the same person or number, whatever was used before."""
        self._serial += 1
        code = f"{stem}.{self._serial}"
        self._minted_at[code] = self._clock()
        return code

    def take(self, code: str) -> bool:
        """Use the code up; False when it was used before or is too old."""
        is_fresh = self._clock() - self._minted_at.get(code, self._clock()) < CODE_SECONDS
        if code in self._used or not is_fresh:
            return False
        self._used.add(code)
        return True


class Issue(msgspec.Struct, frozen=True):
    """A token and the instant it ends."""

    token: str
    ends_at: float


class TokenBook:
    """`stable_token`: normal mode repeats the valid token, forced mode ends it, within limits."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._valid: list[Issue] = []
        self._serial = 0
        self._forced_at: list[float] = []

    def is_valid(self, token: str) -> bool:
        return any(issue.token == token and issue.ends_at > self._clock() for issue in self._valid)

    def issue(self) -> Issue:
        """Normal mode."""
        self._valid = [issue for issue in self._valid if issue.ends_at > self._clock()]
        if self._valid and self._valid[-1].ends_at - self._clock() > TOKEN_OVERLAP_SECONDS:
            return self._valid[-1]
        return self._add()

    def issue_forced(self) -> Issue | None:
        """Forced mode; None when the day's 20 are used up, no change within 30 seconds of the last."""
        now = self._clock()
        self._forced_at = [at for at in self._forced_at if now - at < DAY_SECONDS]
        if self._forced_at and now - self._forced_at[-1] < FORCED_INTERVAL_SECONDS:
            return self.issue()
        if len(self._forced_at) >= FORCED_PER_DAY:
            return None
        self._forced_at.append(now)
        self._valid.clear()
        return self._add()

    def expire(self) -> None:
        """End every token at once, as when another system with the same secret forces a refresh."""
        self._valid.clear()

    def _add(self) -> Issue:
        self._serial += 1
        issue = Issue(token=f"sandbox-token-{self._serial}", ends_at=self._clock() + TOKEN_SECONDS)
        self._valid.append(issue)
        return issue


class Subscriptions:
    """Each acceptance on a phone allows one message for that person and template; refusing takes them away."""

    def __init__(self, opening_quota: int) -> None:
        self._opening_quota = opening_quota
        self._left: dict[tuple[str, str], int] = {}

    def accept(self, openid: str, template_id: str) -> None:
        self._left[openid, template_id] = self.left(openid, template_id) + 1

    def refuse(self, openid: str, template_id: str) -> None:
        self._left[openid, template_id] = 0

    def left(self, openid: str, template_id: str) -> int:
        return self._left.get((openid, template_id), self._opening_quota)

    def spend(self, openid: str, template_id: str) -> bool:
        """Use one acceptance; False when there is none."""
        left = self.left(openid, template_id)
        if left <= 0:
            return False
        self._left[openid, template_id] = left - 1
        return True


def derive_openid(app_id: str, name: str) -> str:
    """An openid in WeChat's shape (28 characters, starting with o), the same for the same person and app."""
    digest = hashlib.sha256(f"{app_id}:{name}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def find_message_fault(message: Mapping[str, Any]) -> int:
    """Return the errcode of the first thing wrong with a message, or 0."""
    if not OPENID.fullmatch(str(message.get("touser", ""))):
        return 40003
    if not message.get("template_id"):
        return 40037
    if str(message.get("page", "")).startswith("/"):
        return 41030
    data = message.get("data")
    if not isinstance(data, dict) or not data:
        return 47003
    return 0 if all(_is_field_good(name, entry) for name, entry in data.items()) else 47003


def _is_field_good(name: str, entry: object) -> bool:
    value = entry.get("value") if isinstance(entry, dict) else None
    if not isinstance(value, str) or not value:
        return False
    return len(value) <= FIELD_LENGTHS.get(name.rstrip("0123456789"), len(value))
