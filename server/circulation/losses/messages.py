"""Chinese sentences of losses and compensation, by error code. Placeholders are filled from the error's data."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "loss.not_found": "没有找到这件遗失或损坏的处理，或不在您的查看范围内。",
    "loss.not_out": "这件资产现在不在外借中，不能报遗失。",
    "loss.wrong_state": "目前是“{state_name}”，不能办理这件事。",
    "loss.own_report": "遗失或损坏是您自己登记或验收的，责任和赔偿要由另一人认定："
    "出借单位的其他资产管理员、管理它的机关事务管理人员，或主管部门审核人。",
    "loss.overpaid": "还应赔偿 {left} 元，登记的金额不能超过它。",
    "loss.receipt_twice": "收据号 {receipt_no} 已经登记过，请核对。",
    "loss.paid_in_future": "缴款日期不能晚于今天。",
    "loss.paid_before_decision": "缴款日期不能早于责任认定的 {decided_on}。",
    "loss.nothing_to_refund": "没有收过赔偿，或者已经全部退还。",
    "loss.over_refunded": "还能退还 {left} 元，登记的金额不能超过它。",
    "loss.refund_twice": "退还凭证 {document_no} 已经登记过，请核对。",
    "loss.refunded_in_future": "退还日期不能晚于今天。",
    "loss.refunded_before_found": "退还日期不能早于找回的 {found_on}。",
    "loss.not_lost": "损坏的资产不走核销和找回，请按维修或报废办理。",
}

register_messages(MESSAGES)
