"""The message catalogue: one Chinese sentence for each error code, with placeholders filled from the error's data.

Domains register their sentences at import (`register_messages`); a code without a sentence fails a test.
"""

from collections.abc import Mapping

from server.kernel.errors import DomainError, FieldError

_SENTENCES: dict[str, str] = {
    "input.invalid": "提交的内容有误，请按提示修改后再提交。",
    "input.required": "请填写此项。",
    "input.unknown_field": "不认识的字段，请检查名称。",
    "input.wrong_type": "格式不正确，请重新填写。",
    "input.too_long": "内容太长，最多 {limit} 个字。",
    "input.too_short": "内容太短，至少 {limit} 个字。",
    "input.too_small": "数值太小，不能小于 {limit}。",
    "input.too_large": "数值太大，不能大于 {limit}。",
    "input.not_a_date": "日期不正确，请写成 2026-03-05 的样子。",
    "input.not_a_choice": "不在可选范围内，请重新选择。",
    "input.control_character": "内容里有看不见的控制字符，请删除后再提交。",
    "input.malformed_json": "请求内容不是有效的 JSON。",
    "input.bad_address": "网址里的条件不对（{names}），请回到首页或列表重新选择。",
    "input.bad_cursor": "翻页位置已失效，请回到第一页。",
    "request.not_found": "没有这个页面。请核对网址，或从首页重新进入。",
    "request.method_not_allowed": "这个地址不支持这种操作。",
    "request.upload_too_large": "一次最多上传 {max_mb} MB，请把文件拆小，或分几次上传。",
    "request.too_large": "提交的内容太大，请减小后再试。",
    "request.too_often": "操作太频繁，请 {retry_after} 秒后再试。",
    "request.unsupported_type": "不支持这种内容格式。",
    "request.bad_csrf": "页面停留太久，请刷新后再提交一次。",
    "request.timeout": "等待太久，请再试一次。",
    "request.foreign_host": "请使用正式网址访问。",
    "request.foreign_origin": "请求来自别的网站，已拒绝。",
    "idempotency.key_reused": "同一个操作编号已用于另一份内容，请重新提交。",
    "idempotency.key_required": "缺少操作编号（Idempotency-Key），请更新客户端后再试。",
    "idempotency.key_malformed": "操作编号须为 8 到 64 个字母、数字、点、横线或下划线。",
    "storage.busy": "系统正忙，请稍后再试，您的内容没有丢失。",
    "storage.unavailable": "数据库暂时没有应答，请稍后再试；用同一个操作编号重试不会重复办理。",
    "record.changed": "这条记录刚刚被别人改过，请刷新后再操作。",
    "record.not_found": "没有找到，或不在您的查看范围内。",
    "session.required": "请先登录。",
    "session.unfinished": "登录还差一步：请先完成动态口令或修改初始口令。",
    "role.required": "您的岗位没有办理这件事的权限。需要时请联系系统管理员开通。",
    "audit.export_too_large": "符合条件的记录超过 {limit} 条，请按日期分几次导出，一条也不会漏。",
    "internal.error": "系统出了差错，已记录。请把编号 {request_id} 告诉管理员。",
}


def register_messages(sentences: Mapping[str, str]) -> None:
    """Add a domain's sentences; a code has one sentence, so a second one for it is refused."""
    for code, sentence in sentences.items():
        if _SENTENCES.get(code, sentence) != sentence:
            raise ValueError(f"two sentences for {code}")
        _SENTENCES[code] = sentence


def has_message(code: str) -> bool:
    """Whether the catalogue knows `code`."""
    return code in _SENTENCES


def sentence_for(error: DomainError | FieldError) -> str:
    """The Chinese sentence of an error; a placeholder without data stays visible rather than hiding the fault."""
    sentence = _SENTENCES.get(error.code, error.code)
    try:
        return sentence.format_map(error.data)
    except (KeyError, ValueError, IndexError):
        return sentence


def all_messages() -> dict[str, str]:
    """A copy of the catalogue, for the API guide and the tests."""
    return dict(_SENTENCES)
