"""What consents take and give."""

from typing import Annotated, Literal

import msgspec

TemplateId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ConsentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What `wx.requestSubscribeMessage` answered for one template: accept, reject, ban (WeChat switched the template
    off) or filter (another of the same title was shown)."""

    template_id: TemplateId
    answer: Literal["accept", "reject", "ban", "filter"]


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """One template and what the person allowed by it. `kind`: what it tells about (`NOTICE_KINDS`); `remaining`: how
    many single messages may still be sent; `is_standing`: all may, until it is taken back; `is_long_term`: whether a
    consent to this template is of that kind."""

    kind: str
    kind_name: str
    template_id: str
    remaining: int
    is_standing: bool
    is_long_term: bool


class ConsentsView(msgspec.Struct, frozen=True, kw_only=True):
    """Every template that the mini-program may ask for; `is_bound`: whether the person's WeChat is known."""

    items: list[ConsentView]
    is_bound: bool
