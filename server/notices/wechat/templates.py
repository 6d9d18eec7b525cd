"""The mini-program's templates, and what of a message goes into their fields."""

from datetime import datetime
from zoneinfo import ZoneInfo

from server.notices.types import NOTICE_KINDS
from server.setting_values import MessageTemplate

# The longest text of a field of the kind `thing`, from WeChat's table of the message interface.
THING_LENGTH = 20
# What the mini-program opens when the message is tapped.
PAGE = "pages/messages/show?id={}"
SANDBOX_TEMPLATES = tuple(
    MessageTemplate(kind, f"sandbox-template-{kind}", "thing1", "thing2", "time3", is_standing=False)
    for kind in ("approval", "borrowing", "reuse")
)
_ZONE = ZoneInfo("Asia/Shanghai")
_KIND_OF_LINK = {link: kind for kind, links in NOTICE_KINDS.items() for link in links}
_templates: list[MessageTemplate] = []


def use_templates(templates: tuple[MessageTemplate, ...]) -> None:
    """Let messages go by these templates: called once by the composition root."""
    _templates[:] = templates


def templates_in_use() -> list[MessageTemplate]:
    """The templates in the order of the settings."""
    return list(_templates)


def template_for(link_kind: str) -> MessageTemplate | None:
    """The template of messages about such a thing; None where the mini-program has none."""
    kind = _KIND_OF_LINK.get(link_kind, "other")
    return next((each for each in _templates if each.kind == kind), None)


def template_by_id(template_id: str) -> MessageTemplate | None:
    """The template in use under this id."""
    return next((each for each in _templates if each.template_id == template_id), None)


def fields_of(template: MessageTemplate, title: str, body: str, at: datetime) -> dict[str, str]:
    """The fields of a message about `title` and `body` of the instant `at`, as long as WeChat takes them."""
    moment = at.astimezone(_ZONE)
    return {
        template.title: fitted(title),
        template.body: fitted(body) or "请在小程序中查看",
        template.time: f"{moment:%Y年%m月%d日 %H:%M}",
    }


def fitted(text: str) -> str:
    """On one line and no longer than a field: the middle goes, for a number stands first and what came of it last."""
    line = " ".join(text.split())
    if len(line) <= THING_LENGTH:
        return line
    head = THING_LENGTH // 2
    return f"{line[:head]}…{line[len(line) - (THING_LENGTH - head - 1) :]}"
