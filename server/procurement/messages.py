"""Chinese sentences of the procurement domain, by error code. Placeholders are filled from the error's data."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "need.not_found": "没有找到这项购置需求，或不在您的查看范围内。",
    "need.wrong_state": "这项购置需求目前是“{state_name}”，不能办理这件事。",
    "need.needed_in_past": "需用日期不能早于今天。",
    "need.quantity": "数量须在 1 到 {limit} 之间。",
    "need.budget": "预算金额须大于 0，不超过 {limit} 万元。",
    "need.only_fewer": "数量只能改少，最多 {limit} 件；要多买请另提需求。",
    "need.only_less": "预算只能改小，最多 {limit} 元；要增加请另提需求。",
    "need.quantity_proven": "闲置证明中有因“数量不够”没有采用的资产，减少数量后可能够用。请撤回后重新提出并检索。",
    "need.unit_inactive": "您的单位已撤销或停用，不能再提购置需求。",
    "need.emergency_reason": "应急购置请写明应急事由。",
    "need.proof_missing": "这类资产有配置标准，须先检索闲置资产、出具闲置证明，才能提交。",
    "need.proof_stale": "闲置证明已于 {valid_until} 过期，请重新检索并出具证明。",
    "search.not_found": "没有找到这次检索，请重新检索。",
    "search.too_many_hits": "匹配的闲置资产超过 {limit} 件，不能出具闲置证明，请从中调剂或借用。",
    "proof.not_found": "没有找到这份闲置证明，请核对编号或二维码。",
    "proof.already_issued": "这次检索已经出具过证明。",
    "proof.search_outdated": "之后又检索过一次，请按最近一次检索的结果填写。",
    "proof.new_hits": "检索以后又有 {number} 件匹配的闲置资产上架，请重新检索。",
    "proof.reason_missing": "第 {row} 项还没有选择不采用的理由。",
    "proof.reason_words": "第 {row} 项选择了“{reason_name}”，请写明具体情况。",
    "proof.hit_unknown": "理由中有检索结果之外的资产，请刷新后再填。",
}

register_messages(MESSAGES)
