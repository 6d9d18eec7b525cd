"""Chinese sentences of the wanted board, by error code. Placeholders are filled from the error's data."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "wanted.not_found": "没有找到这条需求，或不在您单位可见的范围内。",
    "wanted.closed": "这条需求已经关闭。",
    "wanted.quantity": "数量须在 1 到 {limit} 之间。",
    "wanted.days": "需用天数须在 1 到 {limit} 之间；长期使用的请选“长期”。",
    "wanted.days_of_permanent": "长期使用的不填天数。",
    "wanted.own": "这是您单位自己发布的需求。",
    "wanted.unit_inactive": "您的单位已撤销或停用，不能再发布需求或应答。",
    "wanted.already_offered": "您单位已经应答过这条需求，对方会与您联系。",
    "wanted.listing_unknown": "没有找到这件共享资产，或不是您单位保管的。",
}

register_messages(MESSAGES)
