"""Three ledgers of a district as its units keep them, each ugly in another way."""

from dataclasses import dataclass, field

from tests.factories.ledgers import text_table, workbook


@dataclass(frozen=True)
class Ledger:
    """A file as a unit keeps it, and where its things stand unless it says so.

    `found`: rows by what the page calls them; `faults`: as the page words them; `made`: cards. What nobody but a person
    can know: `columns` (heading → field) and `words` (thing → class).
    """

    name: str
    content: bytes
    place: str
    found: dict[str, int]
    faults: tuple[str, ...]
    made: int
    columns: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


EDUCATION = Ledger(
    "教育局固定资产台账（最终版）.xlsx",
    workbook(
        [
            ("临平区教育局固定资产台账",),
            ("单位：元", "", "", "", "", "", "填报：2026年"),
            (),
            ("序号", " 资 产 名 称 ", "品牌", "规格型号", "数量", "总价（元）", "购置日期*", "分类代码："),
            (1, "会议椅", "震旦", "ＨＹ-２０", "20把", "￥７，２０５．５０元", "２０２２年９月１日", "A05010303"),
            (2, "讲台", "无", "/", 1, "1,999.99", 45052, "A05010299"),
            (3, "旧幻灯机", "", "", 1, -300, "2003-01-01", "A02020200"),
            (4, "办公椅", "", "", 1, "12.345", "二〇二三年五月六日", "A05010301"),
            ("", "合计", "", "", 23, 8917.84),
            ("制表人：王某某",),
        ],
        merged=("A1:H1",),
    ),
    "临平教育办公楼（330113JY-BG）",
    {"可以建卡": 2, "有错误": 2, "不是资产": 5},
    ("金额最多到分", "不能是负数"),
    21,
)
HEALTH = Ledger(
    "卫健导出.csv",
    text_table(
        [
            ("东西叫什么", "厂家", "型号", "台数", "总价（万元）", "购置时间", "品目编码", "新旧程度"),
            ("投影仪", "明基", "MX560", "2台", "0.799811", "20230506", "A02020200", "九成新"),
            ("轮椅", "鱼跃", "H050", "1", "0.0678", "2019年6月", "A02323100", "较旧"),
            ("投影仪", "明基", "MX560", "1", "0.39", "2023-02-30", "A02020200", "良好"),
            ("投影仪", "明基", "MX560", "1", "0.39", "2023.5.6", "A02020200", "马马虎虎"),
        ],
        "gb18030",
    ),
    "临平卫健办公楼（330113WJ-BG）",
    {"可以建卡": 2, "有错误": 2, "不是资产": 1},
    ("没有这一天", "新旧程度"),
    3,
    columns={"东西叫什么": "品名"},
)
RESCUE = Ledger(
    "应急局.xlsx",
    workbook(
        [("说明",), ("本表由各科室填报，空着的不必填",)],
        [
            ("设备名称", "型号", "购置金额", "启用日期", "存放地点", "使用人"),
            ("活动背景架", "F-9", "1280.05", "2018/4/2", "临平应急办公楼", ""),
            ("投影仪", "F-8", "#REF!", "2018/4/2", "临平应急办公楼", ""),
            ("投影仪", "F-7", 3000, "2018/4/2", "火星", ""),
        ],
        names=("填表说明", "设备"),
    ),
    "临平应急办公楼（330113YJ-BG）",
    {"可以建卡": 1, "有错误": 1, "待对应": 1, "不是资产": 3},
    ("#REF!",),
    1,
    words={"活动背景架": "A05010699"},
)
