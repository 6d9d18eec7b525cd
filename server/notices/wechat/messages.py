"""Chinese sentences of consents, by error code."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "consent.template_unknown": "没有这个消息模板，请刷新后重试。",
    "consent.repeated": "同一个消息模板只能回答一次。",
    "consent.not_bound": "还没有绑定微信，不能接收微信提醒。",
    "consent.nothing_allowed": "没有允许过这类微信提醒。",
}

register_messages(MESSAGES)
