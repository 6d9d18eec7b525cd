"""Chinese sentences of events and temporary bodies, by error code. Placeholders are filled from the error's data."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "occasion.not_found": "没有找到这项活动或临时机构，或不在您的查看范围内。",
    "occasion.unknown": "没有找到这项活动或临时机构，或不由您单位牵头。",
    "occasion.closed": "“{name}”已经办结。",
    "occasion.over": "“{name}”到 {ends_on} 已经结束，请先延期，或不选活动另行申请。",
    "occasion.ends_before_start": "结束日期不能早于开始日期。",
    "occasion.ends_in_past": "结束日期不能早于今天。",
    "occasion.not_later": "延期后的结束日期要晚于现在的 {ends_on}。",
    "occasion.too_long": "活动最长 {limit} 天，更久的请设临时机构。",
    "occasion.responsible_unknown": "负责人须是本单位在岗的同事。",
    "occasion.unresolved": "“{name}”的收回清单上还有 {number} 件没有了结：{what}。归还、移交或核销之后才能办结。",
}

register_messages(MESSAGES)
