"""Chinese sentences of the places domain, by error code."""

MESSAGES: dict[str, str] = {
    "place.not_found": "没有找到这个地点，或不在您的管理范围内。",
    "place.code_malformed": "地点编码须为 2 到 32 个大写字母、数字或横线，以字母或数字开头。",
    "place.code_taken": "这个地点编码已经用过了，请换一个。",
    "place.parent_kind": "{kind_name}不能建在这里：库区属于仓库，货位属于库区或仓库，房间属于场所。",
    "place.parent_needed": "请选择{kind_name}所在的上级地点。",
    "place.not_operator": "只有机关事务管理单位可以设仓库，请联系本级机关事务管理部门。",
    "place.closed": "这个地点已经停用。",
    "place.not_empty": "还有下级地点在用，请先停用它们。",
    "place.in_use": "还有 {number} 件物品在这个地点，请先移走再停用。",
    "place.not_a_warehouse": "只有仓库可以指定仓管员。",
    "place.not_a_keeper": "这个人在仓库所属单位没有仓管员角色，请先由安全管理员授予。",
    "place.keeper_already_assigned": "这个人已经是该仓库的仓管员。",
    "place.keeper_not_assigned": "这个人不是该仓库的仓管员。",
}
