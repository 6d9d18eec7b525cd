"""What an audited event says of itself, in words: who acted when nobody did, and what the recorded facts are called."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from server.assets.queries.history import FIELD_NAMES as CARD_FIELDS
from server.identity.roles import ROLE_NAMES
from server.kernel.ids import is_id
from server.web.formats import yuan
from server.web.parts import Fact

# One entry for every fact that a command records; a test compares this list with the commands.
FACT_NAMES: dict[str, str] = {
    "added": "新增条数",
    "after": "变更后",
    "amount_fen": "金额",
    "answers": "回答",
    "as_of": "截至哪天",
    "asked": "导出条件",
    "asset_code": "资产编号",
    "asset_codes": "资产编号",
    "asset_id": "资产内部编号",
    "before": "变更前",
    "budget_fen": "预算金额",
    "category_code": "品目编码",
    "change_id": "单位变更编号",
    "changed": "更新条数",
    "changes": "更正张数",
    "channel": "登录途径",
    "choices": "名称的对应",
    "chosen": "选中数",
    "code": "编码",
    "codes": "首末资产编号",
    "codes_sha256": "全部编号的校验值",
    "comment_id": "留言编号",
    "content": "内容",
    "day": "哪天",
    "days_late": "逾期天数",
    "decision": "决定",
    "defaults": "默认值",
    "delegation_id": "代办编号",
    "digest": "内容摘要",
    "document_no": "文号",
    "effective_from": "生效时间",
    "effective_on": "从哪天起施行",
    "ends_on": "到哪天止",
    "exemption": "免闲置证明的原因",
    "failures": "连续失败次数",
    "fields": "更正的项目",
    "files": "文件数",
    "first": "最早一天",
    "format": "文件格式",
    "from_day": "借用日期",
    "given_back": "改回张数",
    "granted_for": "所在单位编号",
    "half": "上午或下午",
    "hash": "内容校验值",
    "hits": "匹配件数",
    "is_chosen": "是否选中",
    "is_emergency": "是否应急",
    "is_last": "是否最后一步",
    "is_on_paper": "是否纸质签收",
    "is_own": "是否本人",
    "is_setup": "是否首次设置",
    "is_subtree": "是否含下级单位",
    "is_whole": "是否连同姓名",
    "item": "要购置什么",
    "items": "条目数",
    "kind": "类别",
    "lacking": "缺配件",
    "last": "最晚一天",
    "list_id": "交接清单编号",
    "listing_id": "上架内部编号",
    "login_name": "登录名",
    "lost": "丢失的审计条数",
    "made": "建卡张数",
    "made_at": "备份时间",
    "mapping": "列的对应",
    "marked": "条数",
    "method": "清除方式",
    "moved": "移交件数",
    "name": "名称",
    "need_id": "购置需求编号",
    "note": "说明",
    "number": "借用单号",
    "occasion": "用于",
    "offer_id": "应答编号",
    "on_behalf_of": "代谁办理",
    "parent_id": "上级编号",
    "people": "人数",
    "person_id": "人员编号",
    "policy_version_id": "政策版本编号",
    "proof_id": "闲置证明编号",
    "quantity": "数量",
    "reach_path": "共享范围",
    "reason": "理由",
    "receipt_no": "收据号",
    "refund_no": "退还凭证号",
    "region_code": "地区代码",
    "result": "结果",
    "role": "角色",
    "rows": "条数",
    "sealed": "审计条数",
    "search_id": "检索编号",
    "serial": "标签序号",
    "session_id": "登录编号",
    "sessions": "退出的登录数",
    "sha256": "文件校验值",
    "shown": "本页行数",
    "size": "文件字节数",
    "source": "来源",
    "starts_on": "从哪天起",
    "state": "状态",
    "step": "步骤",
    "switched_to": "切换到单位编号",
    "target": "对方编号",
    "task_id": "审批事项编号",
    "title": "标题",
    "to": "交给",
    "to_day": "归还日期",
    "to_unit_id": "相关单位编号",
    "unit_id": "单位编号",
    "upload": "上传编号",
    "value_fen": "账面原值",
    "verdict": "检查结果",
    "version": "版本",
    "wants_notice": "是否提醒",
    "way": "领取方式",
    "withdrawn": "收回张数",
}
_VALUES = {
    "approved": "同意",
    "rejected": "不同意",
    "intact": "完好",
    "worn": "正常磨损",
    "damaged": "有损坏",
    "merge": "合并",
    "move": "划转隶属",
    "split": "分立",
    "met": "已解决",
    "withdrawn": "已撤回",
    "emergency": "应急购置",
    "returned": "退回修改",
    "no_standard": "没有配置标准",
    "not_budget_unit": "不是预算单位",
}
_JOBS = {
    "circulation": "借用到期检查",
    "wanted": "需求到期检查",
    "backup": "备份与恢复",
    "demo": "演示数据",
    "installation": "安装",
}


# Fields of things in `before` and `after`, beside those of cards and of the facts themselves.
_FIELDS = {**CARD_FIELDS, "name": "名称", "address": "地址"}
_PERSONAL = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)|(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_CHANNELS = {"web": "网页", "mini": "微信小程序", "api": "手机客户端"}
Labels = Mapping[str, str]


def masked(text: str) -> str:
    """The text without a whole phone or identity number: commands record none, and people may still type one."""
    return _PERSONAL.sub(lambda found: f"{found[1] or found[3]}****{found[2] or found[4]}", text)


def ids_in(value: Any) -> Iterator[str]:
    """Every text in a recorded fact, however deep: some of them name things."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from ids_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from ids_in(each)


def recorded_facts(facts: Mapping[str, Any], labels: Labels) -> tuple[Fact, ...]:
    """What was recorded, in words: first what changed from what into what, then the rest."""
    changes = _changes(facts.get("before"), facts.get("after"), labels) if "after" in facts else []
    rest = [name for name in sorted(facts) if not (changes and name in {"before", "after"})]
    return (*changes, *(Fact(_term(name, facts[name], labels), fact_words(name, facts[name], labels)) for name in rest))


def told_facts(facts: Mapping[str, Any], labels: Labels) -> str:
    """The same in one line for a story: what nobody can read, the bare id of a thing without a name, is left to the
    event's own page, and so is what was not given."""
    shown = {name: value for name, value in facts.items() if not _is_bare(value, labels) and value not in _NOTHING}
    return "；".join(f"{fact.term} {fact.value}" for fact in recorded_facts(shown, labels))


def _is_bare(value: Any, labels: Labels) -> bool:
    return isinstance(value, str) and is_id(value) and value not in labels


def _term(name: str, value: Any, labels: Labels) -> str:
    """What a fact is called; one that holds an id and is shown by its label is no number any more."""
    is_named = isinstance(value, str) and value in labels
    return fact_name(name).removesuffix("编号").removesuffix("内部") if is_named else fact_name(name)


def _changes(before: Any, after: Any, labels: Labels) -> list[Fact]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return [Fact("变更", f"{fact_words('', before, labels)} → {fact_words('', after, labels)}")]
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        Fact(
            _field_name(name),
            f"{fact_words(name, before.get(name), labels)} → {fact_words(name, after.get(name), labels)}",
        )
        for name in names
    ]


def actor_name(kind: str, name: str) -> str:
    """Who acted; the system by the name of its work."""
    if kind == "system":
        return f"系统（{_JOBS.get(name, name)}）"
    return name or "未登录"


def fact_name(name: str) -> str:
    """The Chinese name of a recorded fact."""
    return FACT_NAMES.get(name, name)


def fact_words(name: str, value: Any, labels: Labels = MappingProxyType({})) -> str:
    """A recorded value as people read it; an id by its label."""
    match value:
        case None | "" | []:
            words = "无"
        case dict() if not value:
            words = "无"
        case bool():
            words = "是" if value else "否"
        case int() if name in {"value_fen", "budget_fen", "amount_fen"}:
            words = yuan(value)
        case str():
            known = {"role": ROLE_NAMES, "channel": _CHANNELS}.get(name, _VALUES)
            words = masked(labels.get(value) or str(known.get(value, value)))
        case list():
            words = "、".join(fact_words("", each, labels) for each in value)
        case dict():
            pairs = value.items()
            words = "，".join(f"{_field_name(key)} {fact_words(key, each, labels)}" for key, each in pairs)
        case _:
            words = str(value)
    return words


def _field_name(name: str) -> str:
    return _FIELDS.get(name, fact_name(name))
