"""Chinese sentences of the notices domain, by error code."""

MESSAGES: dict[str, str] = {
    "notice.not_found": "没有找到这条消息。",
    "notice.none_chosen": "请选择要标为已读的消息。",
}
