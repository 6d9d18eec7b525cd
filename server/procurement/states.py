"""The life of a purchase need as data, the reasons for which an idle thing is not taken, and who needs no proof."""

from enum import StrEnum


class NeedState(StrEnum):
    """Where a purchase need is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MET = "met"


STATE_NAMES: dict[str, str] = {
    NeedState.DRAFT: "待检索",
    NeedState.SUBMITTED: "审批中",
    NeedState.APPROVED: "已批准购置",
    NeedState.REJECTED: "未通过",
    NeedState.WITHDRAWN: "已撤回",
    NeedState.MET: "已调剂解决",
}


def state_name(state: str, is_returned: object) -> str:
    """What the state is called; having been sent back is a fact beside it."""
    return "退回修改" if state == NeedState.SUBMITTED and is_returned else STATE_NAMES[state]


TRANSITIONS: dict[NeedState, frozenset[NeedState]] = {
    NeedState.DRAFT: frozenset({NeedState.SUBMITTED, NeedState.WITHDRAWN, NeedState.MET}),
    NeedState.SUBMITTED: frozenset({NeedState.APPROVED, NeedState.REJECTED, NeedState.WITHDRAWN, NeedState.MET}),
    NeedState.APPROVED: frozenset({NeedState.MET}),
    NeedState.REJECTED: frozenset(),
    NeedState.WITHDRAWN: frozenset(),
    NeedState.MET: frozenset(),
}
# While it may still be searched and proven: before it is decided.
OPEN = (NeedState.DRAFT, NeedState.SUBMITTED)


class Refusal(StrEnum):
    """Why an idle thing does not meet the need."""

    SPECIFICATION = "specification"
    QUANTITY = "quantity"
    CONDITION = "condition"
    NOT_FREE = "not_free"
    ONLY_LENT = "only_lent"
    DISTANCE = "distance"
    SECURITY = "security"
    HOLDER_REFUSED = "holder_refused"
    OTHER = "other"


REFUSAL_NAMES: dict[str, str] = {
    Refusal.SPECIFICATION: "规格性能不符合需要",
    Refusal.QUANTITY: "数量不够",
    Refusal.CONDITION: "成色不能满足使用",
    Refusal.NOT_FREE: "需用期间不空闲",
    Refusal.ONLY_LENT: "需长期使用，对方只能短期出借",
    Refusal.DISTANCE: "距离远，搬运不经济",
    Refusal.SECURITY: "有保密或安全要求",
    Refusal.HOLDER_REFUSED: "持有单位不同意",
    Refusal.OTHER: "其他",
}
# These say nothing by themselves.
NEEDS_WORDS = frozenset({Refusal.HOLDER_REFUSED, Refusal.SECURITY, Refusal.OTHER})


class Exemption(StrEnum):
    """Why a need goes on without a proof (rules: 能调剂不购置)."""

    EMERGENCY = "emergency"
    NO_STANDARD = "no_standard"
    NOT_BUDGET_UNIT = "not_budget_unit"


EXEMPTION_NAMES: dict[str, str] = {
    Exemption.EMERGENCY: "应急购置，免闲置证明",
    Exemption.NO_STANDARD: "这类资产没有配置标准，免闲置证明",
    Exemption.NOT_BUDGET_UNIT: "不是预算单位，免闲置证明",
}
