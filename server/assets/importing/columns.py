"""Which column of a ledger is which field of a card: headings by their usual names, and where the table begins."""

import functools
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

# A heading this far down is no heading any more: above it stand titles, units and dates of the list.
HEADING_WITHIN = 30
LONGEST_HEADING = 64
_TEN_THOUSAND = re.compile("万元")
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
    "is_classified": Target("涉密", ("是否涉密", "涉密", "涉密设备", "密级")),
    "is_storage_medium": Target("存储介质", ("是否存储介质", "存储介质", "存储设备", "是否存储设备")),
}
IGNORED = ""
NEEDED = tuple(name for name, target in TARGETS.items() if target.is_needed)


class Heading(msgspec.Struct, frozen=True):
    """One heading of a file: its text as the first sheet has it, and a few of the values below it."""

    text: str
    examples: list[str] = []


class SheetPlan(msgspec.Struct, frozen=True):
    """How one sheet is read: `heading_row` (None: no table was found), and the heading of each column."""

    index: int
    name: str
    heading_row: int | None
    headings: list[str]


def heading_key(text: str) -> str:
    """A heading as it is compared: without width, case, blanks, punctuation and what stands in brackets."""
    return _REMARK.sub("", unicodedata.normalize("NFKC", text).casefold())


_TARGET_OF = {
    heading_key(heading): (name, rank)
    for name, target in TARGETS.items()
    for rank, heading in enumerate(target.headings)
}


def plan_sheet(index: int, name: str, rows: Sequence[tuple[int, list[str]]]) -> SheetPlan:
    """Find the table in a sheet's first rows: the row with the most known headings, with a name among them.

    Where no heading is known, the first row of at least three cells is taken for it, for people to correct.
    """
    scored = [(_known(cells), number, cells) for number, cells in rows[:HEADING_WITHIN]]
    best = max(scored, key=lambda found: found[0], default=(0, 0, []))
    if best[0] < 2:
        best = next((found for found in scored if sum(map(bool, found[2])) >= 3), (0, 0, []))
    if not best[1]:
        return SheetPlan(index, name, None, [])
    return SheetPlan(index, name, best[1], unique_headings(best[2]))


def _known(cells: Sequence[str]) -> int:
    return len({_TARGET_OF[key][0] for cell in cells if (key := heading_key(cell)) in _TARGET_OF})


def unique_headings(cells: Sequence[str]) -> list[str]:
    """Headings that can be told apart: a second 备注 is 备注（2）; a column without one stays nameless."""
    seen: Counter[str] = Counter()
    headings = []
    for cell in cells:
        text = cell[:LONGEST_HEADING]
        seen[text] += bool(text)
        headings.append(text if seen[text] <= 1 else f"{text}（{seen[text]}）")
    return headings


def suggest(headings: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """Heading → field. What the unit said before comes first; then the usual names, each field once, the best fitting
    heading; the rest is ignored."""
    mapping = {text: remembered[text] for text in headings if text in remembered}
    taken = set(mapping.values()) - {IGNORED}
    offers = []
    for text in headings:
        if text not in mapping and (key := heading_key(text)) in _TARGET_OF:
            name, rank = _TARGET_OF[key]
            offers.append((rank, text, name))
    for _, text, name in sorted(offers, key=lambda offer: offer[0]):
        mapping[text] = IGNORED if name in taken else name
        taken.add(name)
    return {text: mapping.get(text, IGNORED) for text in headings if text}


@functools.cache
def is_in_ten_thousand(heading: str) -> bool:
    """Whether the amounts below a heading are in 万元."""
    return _TEN_THOUSAND.search(unicodedata.normalize("NFKC", heading)) is not None


_TOTAL = re.compile(
    r"^(合计|总计|小计|共计|累计|本页合计|本页小计|总合计|合计金额|合计数|总数)"
    r"([：:(（].*|[\d￥¥,.]*(元|万元|台|件|套)?)$"
)
_FOOT = re.compile(
    r"^(制表|填表|审核|复核|经办|单位负责人|部门负责人|负责人|主管|财务|资产管理员|保管人签字|盖章|打印|日期|备注|说明|注)"
    r"(人|时间|日期|单位|员)?(签字|签章)?[：:].*|^第\s*\d+\s*页.*"
)


def is_foot(cells: Sequence[str]) -> bool:
    """Whether a row is no thing but a total or the list's foot (合计, 制表人：…)."""
    said = list(itertools.islice((cell for cell in cells if cell), 2))
    if not said:
        return True
    # A total may stand behind the row's running number.
    first, *others = ("".join(cell.split()) for cell in said)
    return any(_TOTAL.match(cell) for cell in (first, *others)) or _FOOT.match(first) is not None
