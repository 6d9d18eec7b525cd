"""The life of a case as data: `LOST → responsibility → compensation → approved write-off` (rules: Asset life)."""

from enum import StrEnum


class LossState(StrEnum):
    """Where a case is. Damage ends once its compensation is settled; a lost thing is written off, or found."""

    REPORTED = "reported"
    DECIDED = "decided"
    SETTLED = "settled"
    WRITING_OFF = "writing_off"
    WRITTEN_OFF = "written_off"
    FOUND = "found"


LOSS_STATE_NAMES: dict[str, str] = {
    LossState.REPORTED: "待认定责任",
    LossState.DECIDED: "待赔偿",
    LossState.SETTLED: "赔偿已了结",
    LossState.WRITING_OFF: "核销审批中",
    LossState.WRITTEN_OFF: "已核销",
    LossState.FOUND: "已找回",
}
KIND_NAMES: dict[str, str] = {"loss": "遗失", "damage": "损坏"}

TRANSITIONS: dict[LossState, frozenset[LossState]] = {
    LossState.REPORTED: frozenset({LossState.DECIDED, LossState.SETTLED, LossState.FOUND}),
    LossState.DECIDED: frozenset({LossState.SETTLED, LossState.FOUND}),
    LossState.SETTLED: frozenset({LossState.WRITING_OFF, LossState.FOUND}),
    # Refused, it is settled as before, and may be asked for again.
    LossState.WRITING_OFF: frozenset({LossState.SETTLED, LossState.WRITTEN_OFF, LossState.FOUND}),
    LossState.WRITTEN_OFF: frozenset(),
    LossState.FOUND: frozenset(),
}
# A found thing goes back as long as it is not written off.
FINDABLE = frozenset({LossState.REPORTED, LossState.DECIDED, LossState.SETTLED, LossState.WRITING_OFF})

STEP_NAMES: dict[str, str] = {
    LossState.REPORTED: "报遗失",
    LossState.DECIDED: "认定责任",
    "paid": "登记赔偿",
    "waived": "免除赔偿",
    LossState.SETTLED: "赔偿了结",
    LossState.WRITING_OFF: "申请核销",
    "write_off_refused": "核销未通过",
    LossState.WRITTEN_OFF: "核销",
    LossState.FOUND: "找回",
    "refunded": "退还赔偿",
}
