"""Chinese sentences about comments, by error code. Placeholders are filled from the error's data."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "comment.subject_not_found": "没有找到这份申请，或您不是申请人和审批人。",
    "comment.not_found": "没有找到这条留言，或您不是申请人和审批人。",
    "comment.closed": "这份申请已经有结果，不能再留言。",
    "comment.not_author": "只能撤回自己的留言。",
    "comment.too_late": "留言超过可撤回的时间，已经留在记录里。",
    "comment.withdrawn": "这条留言已经撤回。",
    "comment.too_many_attachments": "一条留言最多带 {limit} 个附件。",
    "comment.attached_twice": "同一个附件选了两次。",
}

register_messages(MESSAGES)
