"""The demo's units and people: Hangzhou with three of its districts, and who works there."""

from dataclasses import dataclass, field

from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.actor import Actor

PASSWORD = "gongwu-cang-2026"  # noqa: S105 - printed for whoever tries the demo, refused nowhere else


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """A unit under `parent` (its code); codes are like those of a real administrative list."""

    code: str
    name: str
    short_name: str
    parent: str | None
    region: str
    kind: str = "organ"
    is_operator: bool = False
    is_finance: bool = False


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody with one post. `is_subtree`: their roles reach the units below."""

    login: str
    name: str
    unit: str
    title: str
    roles: tuple[Role, ...]
    is_subtree: bool = False
    phone: str = ""


@dataclass(slots=True)
class Cast:
    """What was made: units by code, actors by login."""

    units: dict[str, UnitView] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)


UNITS = (
    DemoUnit("330100", "杭州市人民政府", "市政府", None, "330100"),
    DemoUnit("330100JS", "杭州市机关事务管理局", "市机关事务局", "330100", "330100", is_operator=True),
    DemoUnit("330100CZ", "杭州市财政局", "市财政局", "330100", "330100", is_finance=True),
    DemoUnit("330100JY", "杭州市教育局", "市教育局", "330100", "330100"),
    DemoUnit("330100EZ", "杭州第二中学", "杭二中", "330100JY", "330100", "public_institution"),
    DemoUnit("330113", "杭州市临平区人民政府", "临平区政府", "330100", "330113"),
    DemoUnit("330113JS", "临平区机关事务服务中心", "临平机关事务", "330113", "330113", is_operator=True),
    DemoUnit("330113CZ", "临平区财政局", "临平财政", "330113", "330113", is_finance=True),
    DemoUnit("330113WJ", "临平区卫生健康局", "临平卫健", "330113", "330113"),
    DemoUnit("330113YY", "临平区第一人民医院", "临平一院", "330113WJ", "330113", "public_institution"),
    DemoUnit("330113JY", "临平区教育局", "临平教育", "330113", "330113"),
    DemoUnit("330113XX", "临平区实验小学", "临平实小", "330113JY", "330113", "public_institution"),
    DemoUnit("330113WG", "临平区文化和广电旅游体育局", "临平文广旅体", "330113", "330113"),
    DemoUnit("330113TS", "临平区图书馆", "临平图书馆", "330113WG", "330113", "public_institution"),
    DemoUnit("330113YJ", "临平区应急管理局", "临平应急", "330113", "330113"),
    DemoUnit("330106", "杭州市西湖区人民政府", "西湖区政府", "330100", "330106"),
    DemoUnit("330106JS", "西湖区机关事务服务中心", "西湖机关事务", "330106", "330106", is_operator=True),
    DemoUnit("330106CZ", "西湖区财政局", "西湖财政", "330106", "330106", is_finance=True),
    DemoUnit("330106KJ", "西湖区科学技术局", "西湖科技", "330106", "330106"),
    DemoUnit("330110", "杭州市余杭区人民政府", "余杭区政府", "330100", "330110"),
    DemoUnit("330110CZ", "余杭区财政局", "余杭财政", "330110", "330110", is_finance=True),
    DemoUnit("330110SW", "余杭区商务局", "余杭商务", "330110", "330110"),
)

_BORROWER = (Role.BORROWER,)
_MANAGER = (Role.ASSET_MANAGER, Role.BORROWER)

PEOPLE = (
    DemoPerson("chenyu", "陈宇", "330113WJ", "办公室科员", _BORROWER, phone="13867110001"),
    DemoPerson("lina", "李娜", "330113WJ", "资产管理员", _MANAGER, phone="13867110002"),
    DemoPerson("zhouwei", "周伟", "330113WG", "资产管理员", _MANAGER, phone="13867110003"),
    DemoPerson("wufang", "吴芳", "330113WG", "文化科科员", _BORROWER, phone="13867110004"),
    DemoPerson("sunli", "孙丽", "330113JY", "资产管理员", _MANAGER, phone="13867110005"),
    DemoPerson("hejie", "何洁", "330113XX", "教导处教师", _BORROWER, phone="13867110006"),
    DemoPerson("qianming", "钱明", "330113XX", "总务主任", _MANAGER, phone="13867110007"),
    DemoPerson("xumin", "徐敏", "330113YY", "设备科科长", _MANAGER, phone="13867110008"),
    DemoPerson("luhai", "陆海", "330113YJ", "资产管理员", _MANAGER, phone="13867110009"),
    DemoPerson("shenyue", "沈悦", "330113TS", "资产管理员", _MANAGER, phone="13867110022"),
    DemoPerson("laochen", "陈建国", "330113JS", "仓管员", (Role.WAREHOUSE_KEEPER,), phone="13867110010"),
    DemoPerson("zhengqi", "郑琦", "330113JS", "物资科科长", (Role.OPERATIONS, Role.ASSET_MANAGER), True, "13867110011"),
    DemoPerson("fangmei", "方梅", "330113", "区府办审核", (Role.COMPETENT_REVIEWER,), True, "13867110012"),
    DemoPerson("caizheng", "蔡峥", "330113CZ", "资产科科长", (Role.FINANCE_REVIEWER,), True, "13867110013"),
    DemoPerson("kuaiji", "孔静", "330113WJ", "会计", (Role.UNIT_ACCOUNTANT,), phone="13867110014"),
    DemoPerson("yejun", "叶军", "330106KJ", "资产管理员", _MANAGER, phone="13867110015"),
    DemoPerson("tangyi", "唐怡", "330106KJ", "科员", _BORROWER, phone="13867110016"),
    DemoPerson("shixin", "施欣", "330106", "区府办审核", (Role.COMPETENT_REVIEWER,), True, "13867110017"),
    DemoPerson("panlei", "潘磊", "330106CZ", "行政事业资产科", (Role.FINANCE_REVIEWER,), True, "13867110018"),
    DemoPerson("hukai", "胡凯", "330110SW", "资产管理员", _MANAGER, phone="13867110019"),
    DemoPerson("gaoyan", "高燕", "330100JS", "资产处处长", (Role.OPERATIONS, Role.ASSET_MANAGER), True, "13867110020"),
    DemoPerson("jiangtao", "蒋涛", "330100EZ", "总务处", _MANAGER, phone="13867110021"),
    DemoPerson("xitong", "系统管理员", "330100", "系统管理员", (Role.SYSTEM_ADMIN,), True, "13867110031"),
    DemoPerson("anquan", "安全管理员", "330100", "安全管理员", (Role.SECURITY_ADMIN,), True, "13867110032"),
    DemoPerson("shenji", "审计管理员", "330100", "审计管理员", (Role.AUDIT_ADMIN,), True, "13867110033"),
)
