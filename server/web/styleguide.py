"""Believable facts for the living page of components; the page is mounted in development only."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from server.web.assets import illustration_for
from server.web.month import month_of
from server.web.pages import Flash, NavItem, PageContext, TextSize, Theme
from server.web.parts import (
    Badge,
    Card,
    Cell,
    Column,
    Event,
    Facet,
    Fact,
    Fault,
    Link,
    Option,
    Row,
    Stat,
    Step,
    WorkItem,
)

HERE = "/admin/styleguide"
FREE = Badge("今天可借", "ok")
SOON = Badge("11月20日起可借", "warn", "calendar-clock")
LENT = Badge("借出中", "neutral", "arrow-left-right")


def styleguide_context(
    now: datetime | None = None, theme: Theme = "auto", is_elder: bool = False, text_size: TextSize = 1
) -> dict[str, Any]:
    """Everything `styleguide.html` shows. `now` fixes the days for screenshots; looks follow the arguments."""
    now = now or datetime.now(UTC)
    return {
        "page": _page(theme, is_elder, text_size),
        "flashes": FLASHES,
        "badges": BADGES,
        "faults": FAULTS,
        "units": UNITS,
        "purposes": PURPOSES,
        "cards": _cards(),
        "stats": STATS,
        "steps": _steps(now),
        "refused_steps": _refused_steps(now),
        "events": _events(now),
        "facts": FACTS,
        "columns": COLUMNS,
        "rows": ROWS,
        "work": _work(now),
        "month": _month(now),
        "facets": FACETS,
        "chosen": (Link("投影仪", "?"), Link("临平区", "?")),
        "tabs": TABS,
        "crumbs": (Link("共享大厅", "/"), Link("办公设备", "/?c=A0202"), Link("投影仪 爱普生 CB-X06")),
        "moments": _moments(now),
    }


def _page(theme: Theme, is_elder: bool, text_size: TextSize) -> PageContext:
    return PageContext(
        request_id="01HF7Z3K9Q",
        csrf_token="styleguide",  # noqa: S106 - the page has no visitor whose token it could be
        person_name="陈晓岚",
        unit_name="临平区教育局",
        nav=(
            NavItem("待办", "/admin/", "list-checks", 6),
            NavItem("台账", "/admin/cards", "table-2"),
            NavItem("出借与归还", "/admin/loans", "arrow-left-right", 2),
            NavItem("单位与人员", "/admin/units", "users"),
            NavItem("政策", "/admin/policies", "scroll-text"),
            NavItem("审计", "/admin/audit", "shield-check"),
            NavItem("组件", HERE, "layout-grid", is_current=True),
        ),
        theme=theme,
        is_elder=is_elder,
        text_size=text_size,
        here=HERE,
    )


FLASHES = (
    Flash("ok", "申请已提交，下一步由本单位资产管理员张敏审批。", "查看进度", HERE),
    Flash("info", "借用期内可续借两次，每次须在到期前三个工作日提出。"),
    Flash("warn", "这台投影仪将于明天到期，请按时归还或申请续借。", "去归还", HERE),
    Flash("bad", "11月12日至11月14日已被其他单位借用，请改选日期。"),
)

BADGES = (
    Badge("草稿"),
    Badge("待审批", "info", "hourglass"),
    Badge("已同意", "ok"),
    Badge("逾期 3 天", "warn", "clock"),
    Badge("未通过", "bad"),
    Badge("借出中", "accent", "arrow-left-right"),
)

FAULTS = (
    Fault("end_on", "归还日期不能早于借用日期。"),
    Fault("reason", "请填写借用事由。"),
    Fault("purpose", "请选择用途。"),
)

UNITS = (
    Option("edu", "临平区教育局"),
    Option("civil", "临平区民政局"),
    Option("fin", "杭州市临平区财政局（国有资产监督管理办公室）"),
)

PURPOSES = (
    Option("meeting", "会议活动"),
    Option("training", "培训"),
    Option("emergency", "应急处置", "应急使用可先行借出，事后三个工作日内补办手续。"),
)

STATS = (
    Stat("待我办理", "6", "件", "其中 2 件今天到期", "list-checks", HERE),
    Stat("在册资产", "11,417", "件", "本月新增 38 件", "boxes", HERE),
    Stat("本年调剂", "163", "件次", "少购置 486,200.00 元", "arrow-left-right"),
    Stat("闲置率", "7.4", "%", "较上月下降 0.6 个百分点", "gauge"),
)

FACTS = (
    Fact("资产编号", "A02020200-330113012-2023-00041", is_code=True),
    Fact("品牌型号", "爱普生 CB-X06"),
    Fact("权属单位", "临平区机关事务服务中心", HERE),
    Fact("存放地点", "临平区公物仓 主仓 B 区 03 架 2 层"),
    Fact("购置日期", "2023年5月18日"),
    Fact("账面原值", "4,699.00 元"),
    Fact("新旧程度", "九成新，灯泡已用 210 小时"),
)

FACETS = (
    Facet(
        "品类", (Link("全部", "?", count=128), Link("投影仪", "?c=1", True, 12), Link("笔记本电脑", "?c=2", count=31))
    ),
    Facet(
        "所在地", (Link("临平区", "?r=1", True, 46), Link("余杭区", "?r=2", count=38), Link("市本级", "?r=3", count=44))
    ),
)

TABS = (Link("进行中", HERE, True, 2), Link("待归还", "?t=2", count=1), Link("已结束", "?t=3", count=17))

COLUMNS = (
    Column("资产名称", sort_href="?s=name", sorted="ascending"),
    Column("编号", is_nowrap=True),
    Column("权属单位"),
    Column("状态"),
    Column("原值", is_number=True, sort_href="?s=-value"),
    Column("购置日期", is_nowrap=True),
    Column("存放地点"),
)


def _row(serial: int, name: str, owner: str, state: Badge, value: str, bought: str, place: str) -> Row:
    code = f"330113-2023-{serial:05}"
    texts = (Cell(owner), Cell(badge=state), Cell(value), Cell(bought), Cell(place))
    return Row((Cell(name, HERE), Cell(code), *texts), code)


ROWS = (
    _row(41, "投影仪 爱普生 CB-X06", "临平区机关事务服务中心", FREE, "4,699.00 元", "2023年5月18日", "主仓 B-03-2"),
    _row(107, "笔记本电脑 联想 昭阳 E4", "临平区教育局", LENT, "6,350.00 元", "2022年11月2日", "教育局 402 室"),
    _row(218, "会议椅 震旦 CE-01（20 把）", "临平区人民政府办公室", SOON, "12,800.00 元", "2021年3月9日", "主仓 C-01"),
    _row(305, "应急帐篷 3×4 米 棉", "临平区应急管理局", FREE, "1,980.00 元", "2023年7月1日", "塘栖分仓 A-02"),
)


def _cards() -> tuple[Card, ...]:
    shown = (
        ("A02020200", "投影仪 爱普生 CB-X06", "临平区公物仓 主仓", "九成新", "机关事务服务中心", FREE),
        ("A02010108", "笔记本电脑 联想 昭阳 E4-IML", "余杭区教育局", "八成新", "区教育局", SOON),
        (
            "A05010303",
            "会议椅 震旦 CE-01 黑色网布带写字板（20 把）",
            "临平区公物仓 主仓",
            "七成新",
            "区政府办公室",
            FREE,
        ),
        ("A05030601", "应急帐篷 3×4 米 棉", "塘栖分仓", "全新", "区应急管理局", FREE),
        ("A02061804", "空调机 格力 KFR-72LW", "市民中心 C 座", "八成新", "市机关事务管理局", SOON),
        ("A02020501", "数字照相机 佳能 EOS R7", "拱墅区融媒体中心", "九成新", "区融媒体中心", LENT),
        ("A02321900", "全自动生化分析仪 迈瑞 BS-430", "萧山区疾控中心", "九成新", "区疾控中心", FREE),
        ("A02030501", "轿车 比亚迪 秦 PLUS", "市公务用车平台", "八成新", "市机关事务管理局", LENT),
    )
    return tuple(
        Card(HERE, name, illustration_for(code), place, condition, owner, state, is_illustration=True)
        for code, name, place, condition, owner, state in shown
    )


def _steps(now: datetime) -> tuple[Step, ...]:
    return (
        Step("提交申请", "done", "陈晓岚", now - timedelta(days=1, hours=3)),
        Step("本单位审批", "done", "张敏（资产管理员）", now - timedelta(hours=5), "同意，活动结束后请当天归还。"),
        Step("出借单位同意", "current", "临平区机关事务服务中心"),
        Step("领取", "todo", "主仓 仓管员"),
        Step("归还", "todo"),
    )


def _refused_steps(now: datetime) -> tuple[Step, ...]:
    reason = "该设备 11 月已安排巡检，建议改借同型号 CB-X07。"
    return (
        Step("提交申请", "done", "陈晓岚", now - timedelta(days=3)),
        Step("本单位审批", "refused", "张敏（资产管理员）", now - timedelta(days=2), reason),
    )


def _events(now: datetime) -> tuple[Event, ...]:
    return (
        Event("归还入库", now - timedelta(hours=2), "李建国（仓管员）", "外观完好，附件齐全", HERE),
        Event("借出", now - timedelta(days=1), "李建国（仓管员）", "借用单位：临平区民政局"),
        Event("移库", now - timedelta(days=40), "周海燕", "塘栖分仓 → 主仓 B-03-2"),
        Event("建卡", now - timedelta(days=500), "王立新（资产管理员）"),
    )


def _work(now: datetime) -> tuple[WorkItem, ...]:
    return (
        WorkItem(
            HERE,
            "陈晓岚 借用 投影仪 爱普生 CB-X06",
            "11月10日 至 11月12日",
            now,
            Badge("今天到期", "warn", "clock"),
            True,
        ),
        WorkItem(HERE, "赵文博 借用 会议椅（20 把）", "11月15日 一天", now - timedelta(hours=3)),
        WorkItem(HERE, "吴佳怡 续借 笔记本电脑 联想 昭阳 E4", "续至 12月1日", now - timedelta(days=2)),
    )


def _month(now: datetime) -> Any:
    today = date(now.year, now.month, 11)
    held = {today + timedelta(days=offset) for offset in (3, 4, 5, 12)}
    mine = {today + timedelta(days=offset) for offset in (7, 8)}
    return month_of(now.year, now.month, today, held, mine, lambda day: f"?on={day}", "?m=-1", "?m=1")


def _moments(now: datetime) -> tuple[datetime, ...]:
    return (now, now - timedelta(days=1), now - timedelta(days=60), now - timedelta(days=500))
