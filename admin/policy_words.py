"""A policy's content in words."""

from typing import Any

from server.identity.roles import ROLE_NAMES
from server.policies.types import PolicyView
from server.web.formats import yuan
from server.web.parts import Cell, Fact, Row

WHERE_NAMES = {
    "applicant_unit": "申请人所在单位",
    "holder_unit": "资产持有单位",
    "parent_of_applicant": "申请单位的主管部门",
    "finance_of_region": "资产所在地财政部门",
}
# Field → its name and its unit, in the order in which people read them.
FIELD_NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "borrowing": {
        "longest_days": ("一次最长借用", "天"),
        "most_renewals": ("最多续借", "次"),
        "collect_working_days": ("批准后领取期限", "个工作日"),
        "reminder_days": ("到期提醒", "天"),
        "booking_ahead_days": ("最多提前预约", "天"),
        "longest_event_days": ("活动最长", "天"),
        "compensation_days": ("赔偿缴款期限", "天"),
        "write_off_review_yuan": ("主管部门审核核销的原值起点", "元"),
        "correction_working_days": ("退回修改后保留日期", "个工作日"),
        "comment_withdrawal_minutes": ("审批留言可撤回", "分钟"),
        "most_comment_pictures": ("一条留言最多带附件", "个"),
    },
    "coding": {"pattern": ("编号样式", ""), "serial_digits": ("序号位数", "位")},
    "procurement": {
        "proof_valid_days": ("闲置证明有效", "天"),
        "most_hits": ("一次检索最多逐件说明", "件"),
        "competent_review_yuan": ("主管部门审核的预算起点", "元"),
        "finance_review_yuan": ("财政部门审核的预算起点", "元"),
        "wanted_days": ("需求广场发布有效", "天"),
    },
    "security": {
        "web_session_hours": ("登录最长有效", "小时"),
        "web_idle_minutes": ("无操作多久后退出", "分钟"),
        "mini_session_days": ("小程序登录有效", "天"),
        "longest_login_delay_seconds": ("连续输错口令最长等待", "秒"),
        "invitation_days": ("绑定邀请码有效", "天"),
        "longest_delegation_days": ("一次代办最长", "天"),
        "least_password_length": ("口令最短", "位"),
    },
}


def content_facts(view: PolicyView) -> tuple[Fact, ...]:
    """The numbers of a version."""
    names = FIELD_NAMES[view.kind]
    return tuple(_fact(names, name, value) for name, value in view.content.items() if name != "steps")


def difference_rows(earlier: PolicyView, later: PolicyView) -> tuple[Row, ...]:
    """What became different from one version to the other, item by item; steps by their place in the line."""
    old, new = _items(earlier), _items(later)
    names = {**old, **new}
    differing = [name for name in names if old.get(name) != new.get(name)]
    return tuple(Row((Cell(name), Cell(old.get(name, "无")), Cell(new.get(name, "无")))) for name in differing)


def _items(view: PolicyView) -> dict[str, str]:
    items = {fact.term: fact.value for fact in content_facts(view)}
    for number, row in enumerate(step_rows(view), start=1):
        items[f"第 {number} 个审批步骤"] = "，".join(cell.text for cell in row.cells)
    return items


def _fact(names: dict[str, tuple[str, str]], name: str, value: Any) -> Fact:
    label, unit = names.get(name, (name, ""))
    if name == "reminder_days":
        return Fact(label, "、".join(_reminder(days) for days in value) or "不提醒")
    text = "、".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)
    return Fact(label, f"{text} {unit}".strip())


def _reminder(days: int) -> str:
    """A day counted from the day of return, as people say it."""
    if days == 0:
        return "到期当天"
    return f"到期前 {-days} 天" if days < 0 else f"逾期 {days} 天"


def step_rows(view: PolicyView) -> tuple[Row, ...]:
    """The approval steps of a borrowing policy; none for other kinds."""
    return tuple(
        Row(
            (
                Cell(step["name"]),
                Cell(ROLE_NAMES.get(step["role"], step["role"])),
                Cell(WHERE_NAMES.get(step["where"], step["where"])),
                Cell(condition_words(step["when"]) + ("；续借也要" if step.get("is_for_renewal") else "")),
            )
        )
        for step in view.content.get("steps", ())
    )


def condition_words(when: dict[str, Any]) -> str:
    """`总是`, or the conditions of which any is enough."""
    if when.get("always"):
        return "总是"
    parts = []
    if when.get("value_at_least_fen"):
        parts.append(f"价值不低于 {yuan(when['value_at_least_fen'])}")
    if when.get("crosses_district"):
        parts.append("跨区县")
    if when.get("crosses_level"):
        parts.append("跨层级")
    return "，或".join(parts)
