"""Which column of a ledger is which field of a card: headings by their usual names; and which rows are no things."""

import functools
import itertools
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

import msgspec

LONGEST_HEADING = 64
_TEN_THOUSAND = re.compile(r"万元|[(\[【〔]万[)\]】〕]")
_REMARK = re.compile(r"[(（\[【〔].*?[)）\]】〕]|[*＊:：、,，.。\s_/\\-]+")


class Target(msgspec.Struct, frozen=True):
    """A field that a column may be: its name for people, and the headings that it usually has, the best first."""

    name: str
    headings: tuple[str, ...]
    is_needed: bool = False


TARGETS: dict[str, Target] = {
    "item_name": Target(
        "品名",
        ("资产名称", "名称", "品名", "固定资产名称", "物品名称", "设备名称", "资产品名", "货物名称", "物资名称"),
        True,
    ),
    "brand": Target("品牌", ("品牌", "厂牌", "商标", "品牌名称", "生产厂家", "厂家", "制造商", "生产厂商")),
    "model": Target("型号", ("型号", "规格型号", "型号规格", "资产型号", "设备型号")),
    "specification": Target("规格", ("规格", "技术参数", "配置", "参数", "主要参数", "技术规格", "规格参数")),
    "category_code": Target(
        "分类代码",
        (
            "分类代码",
            "资产分类代码",
            "分类编码",
            "品目编码",
            "资产分类编码",
            "国标代码",
            "资产代码",
            "类别代码",
            "品目代码",
        ),
    ),
    "category_name": Target(
        "分类名称",
        (
            "分类名称",
            "资产分类",
            "分类",
            "资产类别",
            "类别",
            "品目",
            "品目名称",
            "资产分类名称",
            "国标分类",
            "资产大类",
        ),
    ),
    "quantity": Target("数量", ("数量", "件数", "台数", "台套数", "资产数量")),
    "unit_price": Target("单价", ("单价", "资产单价", "购置单价")),
    "value_fen": Target(
        "账面原值",
        (
            "账面原值",
            "原值",
            "资产原值",
            "价值",
            "资产价值",
            "金额",
            "总价",
            "购置金额",
            "入账价值",
            "原价",
            "价格",
            "总金额",
            "账面价值",
            "购置价格",
        ),
        True,
    ),
    "acquired_on": Target(
        "取得日期",
        (
            "取得日期",
            "购置日期",
            "购入日期",
            "购买日期",
            "入账日期",
            "启用日期",
            "投入使用日期",
            "开始使用日期",
            "取得时间",
            "购置时间",
            "购买时间",
            "入库日期",
            "财务入账日期",
        ),
        True,
    ),
    "condition": Target("新旧程度", ("新旧程度", "成色", "完好程度", "新旧", "完好状况", "资产成色")),
    "place": Target(
        "存放地点",
        ("存放地点", "存放地", "存放位置", "地点", "使用地点", "放置地点", "所在位置", "位置", "房间号", "存放场所"),
    ),
    "custodian": Target(
        "保管人", ("保管人", "使用人", "责任人", "保管人员", "领用人", "资产保管人", "使用保管人", "负责人")
    ),
    "finance_card_no": Target(
        "财政一体化卡片号",
        (
            "卡片编号",
            "财政一体化卡片号",
            "固定资产卡片号",
            "资产卡片号",
            "卡片号",
            "资产卡片编号",
            "财政卡片号",
            "一体化卡片号",
            "资产编号",
            "资产编码",
            "固定资产编号",
            "编码",
            "编号",
            "资产号",
        ),
    ),
    "asset_code": Target("公物仓资产编号", ("公物仓资产编号", "公物仓编号")),
    "is_classified": Target("涉密", ("是否涉密", "涉密", "涉密设备", "密级")),
    "is_storage_medium": Target("存储介质", ("是否存储介质", "存储介质", "存储设备", "是否存储设备")),
}
IGNORED = ""
# Headings under which some units write the finance card's number, and others count from one.
_ANY_NUMBER = {"资产编号", "资产编码", "固定资产编号", "编码", "编号", "资产号"}
_WIDELY = 10
NEEDED = tuple(name for name, target in TARGETS.items() if target.is_needed)


class Heading(msgspec.Struct, frozen=True):
    """One heading of a file: its text as the first sheet has it, and a few of the values below it."""

    text: str
    examples: list[str] = []


def heading_key(text: str) -> str:
    """A heading as it is compared: without width, case, blanks, punctuation and what stands in brackets."""
    return _REMARK.sub("", unicodedata.normalize("NFKC", text).casefold())


_TARGET_OF = {
    heading_key(heading): (name, rank)
    for name, target in TARGETS.items()
    for rank, heading in enumerate(target.headings)
}


def known_fields(cells: Sequence[str]) -> set[str]:
    """The fields that these headings name."""
    return {_TARGET_OF[key][0] for cell in cells if (key := heading_key(cell)) in _TARGET_OF}


def suggest(
    headings: Sequence[str], remembered: Mapping[str, str], examples: Mapping[str, Sequence[str]], ours: Collection[str]
) -> dict[str, str]:
    """Heading → field. What the unit said before comes first; then columns of our own codes (`ours`); then the usual
    names, each field once, the best fitting heading; the rest is ignored. `examples`: heading → some of its values."""
    mapping = {text: remembered[text] for text in headings if text in remembered}
    taken = set(mapping.values()) - {IGNORED}
    offers = [(-1, text, "asset_code") for text in headings if text in ours and text not in mapping]
    for text in headings:
        if text not in mapping and text not in ours and (key := heading_key(text)) in _TARGET_OF:
            name, rank = _TARGET_OF[key]
            if key not in _ANY_NUMBER or _is_numbered_widely(examples.get(text, ())):
                offers.append((rank, text, name))
    for _, text, name in sorted(offers, key=lambda offer: offer[0]):
        mapping[text] = IGNORED if name in taken else name
        taken.add(name)
    return {text: mapping.get(text, IGNORED) for text in headings if text}


def _is_numbered_widely(values: Sequence[str]) -> bool:
    """Whether values can be numbers that no other unit has: 1, 2, 3 are not, and must not stand in others' way."""
    return bool(values) and all(len(value) >= _WIDELY and sum(map(str.isdigit, value)) >= 6 for value in values)


@functools.cache
def is_in_ten_thousand(heading: str) -> bool:
    """Whether a heading says that the amounts below it are in 万元."""
    return _TEN_THOUSAND.search(unicodedata.normalize("NFKC", heading)) is not None


_TOTAL = re.compile(
    r"^(合计|总计|小计|共计|累计|本页合计|本页小计|总合计|合计金额|合计数|总数)"
    r"([：:(（].*|[\d￥¥,.]*(元|万元|台|件|套|张|个|辆)?([，,、；;].*)?)$|^共[\d,]+(台|件|套|张|个|辆|条|项|行)([，,、；;].*)?$"
)
_FOOT = re.compile(
    r"^(制表|填表|审核|复核|经办|单位负责人|部门负责人|负责人|主管|财务|资产管理员|保管人签字|盖章|打印|日期|备注|说明|注)"
    r"(人|时间|日期|单位|员)?(签字|签章)?[：:].*|^(制表|填表|打印)(时间|日期)?\d{4}.*|^第\s*\d+\s*页.*"
)


def is_foot(cells: Sequence[str]) -> bool:
    """Whether a row is no thing but a total or the list's foot (合计, 制表人：…)."""
    said = list(itertools.islice((cell for cell in cells if cell), 2))
    if not said:
        return True
    # A total may stand behind the row's running number.
    first, *others = ("".join(cell.split()) for cell in said)
    return any(_TOTAL.match(cell) for cell in (first, *others)) or _FOOT.match(first) is not None
