"""How the texts of settings are read. Each raises ValueError with a Chinese sentence that says what is wanted."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit


def flag(text: str) -> bool:
    """1 or 0, and the usual words for them."""
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("须为 1 或 0")


def choice(*allowed: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError("须为 " + "、".join(allowed) + " 之一")
        return text

    return parse


def whole(least: int, most: int = 10**9) -> Callable[[str], int]:
    """A whole number within these limits."""

    def parse(text: str) -> int:
        if not text.strip().isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"须为 {least} 至 {most} 的整数")
        return int(text)

    return parse


def seconds(text: str) -> float:
    """More than 0 and at most 600 seconds."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 600:  # NaN fails every comparison
        raise ValueError("须为大于 0、不超过 600 的秒数")
    return seconds


def address(scheme: str) -> Callable[[str], str]:
    """An address of `scheme` with a host. What was wrong is not repeated: it may hold a password."""

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            is_fit = parts.scheme == scheme and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_fit = False
        if not is_fit:
            raise ValueError(f"须为 {scheme}:// 开头的完整地址")
        return text

    return parse


def database_address(text: str) -> str:
    """A MariaDB address that names its database."""
    if not urlsplit(address("mysql")(text)).path.strip("/"):
        raise ValueError("须写明库名，如 mysql://用户:口令@主机:3306/库")
    return text


def web_address(text: str) -> str:
    """An http or https address."""
    return address("https" if text.startswith("https:") else "http")(text)


def names(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


class MessageTemplate(NamedTuple):
    """A subscribe-message template of the mini-program: what it tells about, and which of its fields take what.

    `kind`: approval, borrowing, reuse or other; `title`, `body`: fields of the kind `thing`; `time`: of the kind `time`
    or `date`; `is_standing`: a long-term template, of which one consent holds until it is taken back.
    """

    kind: str
    template_id: str
    title: str
    body: str
    time: str
    is_standing: bool


_TEMPLATE = re.compile(
    r"(approval|borrowing|reuse|other):([\w-]{8,64}):(thing\d+):(thing\d+):((?:time|date)\d+)(:long)?", re.ASCII
)


def templates(text: str) -> tuple[MessageTemplate, ...]:
    """Templates between commas; each kind once, each template once."""
    matches = [_TEMPLATE.fullmatch(each) for each in names(text)]
    if not all(matches):
        raise ValueError(
            "须为 类别:模板编号:标题字段:内容字段:时间字段[:long]，逗号分隔，如 borrowing:abcd1234:thing1:thing2:time3"
        )
    templates = tuple(
        MessageTemplate(match[1], match[2], match[3], match[4], match[5], bool(match[6])) for match in matches if match
    )
    if any(each.title == each.body for each in templates):
        raise ValueError("标题与内容不能填同一个字段")
    if len({each.kind for each in templates}) < len(templates):
        raise ValueError("每个类别只能有一个模板")
    if len({each.template_id for each in templates}) < len(templates):
        raise ValueError("一个模板只能用于一个类别")
    return templates
