"""Chinese sentences of the policies domain, by error code."""

MESSAGES: dict[str, str] = {
    "policy.not_found": "没有找到适用的政策，请联系系统管理员检查政策设置。",
    "policy.default_not_changeable": "内置的默认政策不能修改，请为您的行政区划另立一个版本。",
    "policy.effective_in_past": "生效时间不能早于现在，已经办过的事按当时的政策办。",
    "policy.effective_before_previous": "生效时间不能早于上一版本的生效时间。",
    "policy.not_cancellable": "这一版已经生效或已经撤销，不能再撤销；要改变它，请另发新的一版。",
    "policy.too_few": "至少要有 {limit} 项。",
    "policy.too_many": "最多 {limit} 项。",
    "policy.no_unconditional_step": "至少要有一个“一律需要”的审批环节。",
    "policy.no_condition": "请选择这个环节在什么情况下需要。",
    "policy.step_role": "这个角色不参与业务审批，请换一个。",
    "policy.reminders_not_ordered": "提醒日期要从早到晚排列，不能重复。",
    "policy.pattern": "编号规则以 {{serial}} 结尾，各部分用横线或点隔开，可用 {{category}}、{{unit}}、{{year}}。",
    "policy.idle_longer_than_session": "闲置时间不能长于一次登录的有效时间。",
    "calendar.no_days": "没有要载入的日期。",
    "calendar.day_twice": "同一天出现了两次。",
    "calendar.too_far": "工作日数须在 0 到 {limit} 之间。",
}
