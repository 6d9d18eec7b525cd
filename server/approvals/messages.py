"""Chinese sentences of the approvals domain, by error code."""

MESSAGES: dict[str, str] = {
    "approval.task_not_found": "没有找到这件待办，或不在您的审批范围内。",
    "approval.own_application": "这是您本人（或委托您代办的人）的申请，须由其他人审批。",
    "approval.already_decided": "这一环节已经办理过了，请刷新待办列表。",
    "approval.already_decided_by_you": "您（或委托您代办的人）已审批过这份申请的前一环节，须由其他人审批这一环节。",
    "approval.not_returnable": "这类申请不能退回修改，请同意或写明不同意。",
    "approval.not_applicant": "只有申请人本人可以修改后重新提交。",
    "approval.none_chosen": "还没有选择任何决定，请逐件选择后再办理。",
    "approval.too_many": "一次最多办理 {limit} 件。",
    "approval.chosen_twice": "同一件申请出现了两次，请重新选择。",
    "approval.not_returned": "这份申请没有被退回修改，或已经重新提交、撤回、失效。",
    "approval.changed_since": "您打开之后这份申请有变化，请重新看过再决定。",
    "approval.cancelled": "申请已撤回，不用再审批。",
    "approval.opinion_needed": "不同意或退回修改时请写明理由，至少 {limit} 个字。",
    "approval.chain_exists": "这份申请已经在审批中。",
    "approval.no_finance_authority": "本地区还没有设置财政部门，请联系系统管理员。",
}
