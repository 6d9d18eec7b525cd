"""Allocation standards: reading tables, who enters them, and which one applies where and when."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.classification.standards.commands import import_standard
from server.classification.standards.quantity import PerPeople, Share, parse_quantity
from server.classification.standards.queries import list_standards, standard_for, standard_history, standard_view
from server.classification.standards.table import read_standard
from server.classification.standards.types import ImportStandard, StandardRow
from server.identity.roles import Role
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import InvalidInput, Unauthenticated
from server.kernel.messages import sentence_for
from server.kernel.reading import reading
from tests.factories.assets import DESK, LAPTOP, PROJECTOR, make_catalogue
from tests.factories.classification import make_categories, make_standard
from tests.factories.identity import SYSTEM, City, make_actor, make_city
from tests.identity.asking import outcomes, refused
from tests.support.meanwhile import while_finishing

ROOT = Path(__file__).parents[2]
LINPING, XIHU = "330000/330100/330113/", "330000/330100/330106/"
TODAY = date(2026, 11, 27)
ROW = {
    "family": "设备",
    "item": "投影仪",
    "category_code": PROJECTOR,
    "price_ceiling_yuan": "10,000.00",
    "unit": "元/台",
    "min_years": "6",
    "quantity_rule": "",
    "evidence": "",
}


@pytest.fixture
async def city(runtime) -> City:
    city = await make_city()
    await make_catalogue()
    return city


def wanted(*rows: dict[str, str], region_code: str = "330113", **changes: object) -> ImportStandard:
    values: dict[str, object] = {
        "region_code": region_code,
        "effective_on": date(2020, 1, 1),
        "source": "临财〔2020〕8号",
        "reason": "本区标准",
        "rows": tuple(StandardRow(row=line, **{**ROW, **row}) for line, row in enumerate(rows or ({},), start=2)),
    }
    return ImportStandard(**{**values, **changes})  # type: ignore[arg-type]


# Reading


PUBLISHED = """group,item,category_code,price_ceiling_yuan,unit,min_years,quantity_rule,evidence
equipment,便携式计算机,A02010108,7000,元/台,6,≤编制内实有人数的50%,secondary
equipment,复印机,,35000,元/台,6,6年或30万张；100人以内每20人1台，超出部分每30人1台,secondary
equipment,一体机/传真机,,3000,元/台,6,≤编制内实有人数的30%,secondary
equipment,投影仪,A02020200,10000,元/台,6,,unverified
furniture,文件柜（司局级）,,2000,元/组,20,,verified
furniture,会议桌（≤50㎡）,,1600,元/㎡,20,,verified
furniture,大茶几,,1000,元/个,15,,verified
"""


async def test_table_of_the_published_shape_is_read_whole(runtime):
    await make_city()
    await make_categories()
    version = await make_standard("330100", PUBLISHED)
    assert version.item_count == 7
    view = await standard_view(SYSTEM, version.id)
    by_item = {item.item: item for item in view.items}
    assert by_item["便携式计算机"].price_ceiling_fen == 700_000
    assert (by_item["文件柜（司局级）"].min_years, by_item["文件柜（司局级）"].family_name) == (20, "家具")
    # The category is found by the item's own name without its grade; where no name is the same it is left open.
    codes = {item.item: item.category_code for item in view.items}
    assert (codes["复印机"], codes["文件柜（司局级）"]) == ("A02020100", "A05010502")
    assert (codes["一体机/传真机"], codes["大茶几"]) == (None, None)
    assert {item.evidence for item in view.items} == {"verified", "secondary", "unverified"}


async def test_demo_table_is_entered_whole(runtime):
    await make_city()
    await make_categories()
    text = (ROOT / "server/demo/allocation_standards.csv").read_text(encoding="utf-8")
    assert (await make_standard("330100", text)).item_count == len(text.splitlines()) - 1


def test_rows_are_read_when_heads_are_chinese_lines_are_empty_and_a_mark_stands_in_front():
    text = "\ufeff\n类别,资产项目,价格上限,计价单位,最低使用年限\n,,,,\n设备, 投影仪 ,10000,元/台,6\n"
    (row,) = read_standard(text)
    assert (row.row, row.item, row.category_code, row.evidence) == (4, "投影仪", "", "")


def test_missing_columns_are_named_when_a_table_lacks_them():
    with pytest.raises(InvalidInput) as caught:
        read_standard("item,unit\n投影仪,台")
    assert sentence_for(caught.value) == "表格缺少这些列：类别、价格上限、最低使用年限。"
    with pytest.raises(InvalidInput):
        read_standard("")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"family": "车辆"}, "standard.family_malformed"),
        ({"item": ""}, "standard.item_malformed"),
        ({"item": "看不见\x00"}, "standard.item_malformed"),
        ({"category_code": "02020200"}, "standard.code_malformed"),
        ({"category_code": "A09999999"}, "standard.code_unknown"),
        ({"category_code": "C23000000"}, "standard.code_unknown"),
        ({"price_ceiling_yuan": "一万"}, "standard.price_malformed"),
        ({"price_ceiling_yuan": "0"}, "standard.price_malformed"),
        ({"unit": "长" * 17}, "standard.unit_malformed"),
        ({"min_years": "0"}, "standard.years_malformed"),
        ({"min_years": "六"}, "standard.years_malformed"),
        ({"min_years": "６"}, "standard.years_malformed"),
        ({"quantity_rule": "长" * 256}, "standard.rule_malformed"),
        ({"evidence": "听说"}, "standard.evidence_malformed"),
    ],
)
async def test_whole_table_is_refused_by_line_when_a_cell_is_wrong(city, change, code):
    error = await refused(import_standard(SYSTEM, wanted({}, change)))
    assert isinstance(error, InvalidInput)
    assert [(fault.field.split(".")[1], fault.code) for fault in error.fields] == [("3", code)]
    assert sentence_for(error.fields[0]).startswith("第 3 行：")
    assert await standard_history(SYSTEM, "330113") == []


async def test_import_is_refused_when_nothing_or_too_much_or_no_reason_is_given(city):
    assert (await refused(import_standard(SYSTEM, wanted(rows=())))).code == "standard.no_rows"
    many = wanted().rows * 2001
    assert (await refused(import_standard(SYSTEM, wanted(rows=many)))).code == "standard.too_many_rows"
    error = await refused(import_standard(SYSTEM, wanted(reason=" ", source="")))
    assert isinstance(error, InvalidInput) and {fault.field for fault in error.fields} == {"reason", "source"}


# Who enters them


async def test_offices_of_a_region_enter_its_standards_and_nobody_elses(city):
    operator = await make_actor("孙丽华", city.district_operator, Role.OPERATIONS, is_subtree=True)
    finance = await make_actor("蔡峥", city.district_finance, Role.FINANCE_REVIEWER, is_subtree=True)
    first = await import_standard(operator, wanted())
    second = await import_standard(finance, wanted(base_version=1))
    assert (first.version, second.version, second.created_by_name) == (1, 2, "蔡峥")
    # Another district's, the city's, and everybody's.
    assert (await refused(import_standard(operator, wanted(region_code="330106")))).code == "region.not_found"
    assert (await refused(import_standard(operator, wanted(region_code="330100")))).code == "region.not_found"
    default = await refused(import_standard(operator, wanted(region_code="")))
    assert default.code == "standard.default_not_changeable"


async def test_import_is_refused_when_the_role_does_not_reach_a_region(city):
    narrow = await make_actor("孙丽", city.district_operator, Role.OPERATIONS)
    manager = await make_actor("王秀英", city.health, Role.ASSET_MANAGER, is_subtree=True)
    for actor in (narrow, manager):
        assert (await refused(import_standard(actor, wanted()))).code == "role.required"
    assert await standard_history(SYSTEM, "330113") == []


async def test_second_author_is_told_when_another_was_quicker(city):
    assert (await import_standard(SYSTEM, wanted(base_version=0))).version == 1
    assert (await refused(import_standard(SYSTEM, wanted(base_version=0)))).code == "record.changed"
    told = await outcomes(import_standard(SYSTEM, wanted(base_version=1)) for _ in range(4))
    assert told == {"done": 1, "record.changed": 3}


# Which applies


async def test_second_author_is_told_when_two_write_at_once(city, settings):
    actor = await make_actor("金晓慧", city.district_finance, Role.FINANCE_REVIEWER, is_subtree=True)
    request = wanted(base_version=0)
    answers = await while_finishing(
        settings, lambda: import_standard(actor, request), lambda: import_standard(actor, request)
    )
    assert answers == ("done", "record.changed")
    assert [version.version for version in await standard_history(actor, "330113")] == [1]


async def test_nobody_reads_who_acts_for_no_unit(city):
    version = await import_standard(SYSTEM, wanted())
    nobody = Actor(kind=ActorKind.PERSON, person_id="p")
    for asked in (list_standards(nobody), standard_history(nobody, "330113"), standard_view(nobody, version.id)):
        with pytest.raises(Unauthenticated, match=r"session\.required"):
            await asked


async def test_nearest_table_that_names_the_category_applies_from_its_day_on(city):
    await make_standard("330100", effective_on=date(2016, 7, 1))
    own = await import_standard(SYSTEM, wanted({"price_ceiling_yuan": "8000"}, effective_on=date(2024, 1, 1)))
    async with reading() as db:
        early = await standard_for(db, PROJECTOR, LINPING, date(2016, 6, 30))
        before = await standard_for(db, PROJECTOR, LINPING, date(2023, 12, 31))
        since = await standard_for(db, PROJECTOR, LINPING, date(2024, 1, 1))
        elsewhere = await standard_for(db, PROJECTOR, XIHU, TODAY)
        # What the district's table does not name is still the city's.
        desk = await standard_for(db, DESK, LINPING, TODAY)
        unknown = await standard_for(db, "A09999999", LINPING, TODAY)
    assert early is None and unknown is None
    assert before is not None and (before.region_code, before.ceiling_fen) == ("330100", 1_000_000)
    assert since is not None and (since.standard_id, since.ceiling_fen) == (own.id, 800_000)
    assert elsewhere is not None and elsewhere.ceiling_fen == 1_000_000
    assert desk is not None and (desk.name, desk.floor_fen, desk.ceiling_fen) == ("办公桌", 300_000, 450_000)


async def test_standard_of_a_category_is_its_parents_when_only_that_is_named(city):
    await import_standard(SYSTEM, wanted({"item": "计算机", "category_code": "A02010100"}))
    async with reading() as db:
        found = await standard_for(db, LAPTOP, LINPING, TODAY)
    assert found is not None and found.category_code == "A02010100"


async def test_later_version_counts_when_two_take_effect_on_one_day(city):
    await import_standard(SYSTEM, wanted())
    corrected = await import_standard(SYSTEM, wanted({"price_ceiling_yuan": "9000"}))
    earlier = await refused(import_standard(SYSTEM, wanted(effective_on=date(2019, 12, 31))))
    assert isinstance(earlier, InvalidInput) and earlier.fields[0].code == "standard.effective_before_previous"
    history = await standard_history(SYSTEM, "330113")
    assert [(each.version, each.is_current) for each in history] == [(2, True), (1, False)]
    async with reading() as db:
        found = await standard_for(db, PROJECTOR, LINPING, TODAY)
    assert found is not None and found.standard_id == corrected.id


async def test_tables_are_listed_nearest_first_when_anybody_of_a_unit_reads(city):
    await make_standard("330100")
    await import_standard(SYSTEM, wanted())
    reader = await make_actor("李晓梅", city.culture, Role.BORROWER)
    assert [view.version.region_code for view in await list_standards(reader)] == ["330113", "330100"]
    far = await make_actor("叶军", city.xihu_education, Role.BORROWER)
    assert [view.version.region_code for view in await list_standards(far)] == ["330100"]
    assert (await refused(standard_view(far, "0000000000000000"))).code == "standard.not_found"


async def test_tables_are_for_those_who_act_for_a_unit(city):
    version = await make_standard("330100")
    nobody = msgspec.structs.replace(await make_actor("李晓梅", city.culture, Role.BORROWER), unit_id=None)
    for asked in (list_standards(nobody), standard_history(nobody, "330100"), standard_view(nobody, version.id)):
        assert (await refused(asked)).code == "session.required"


# Quantities


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("≤编制内实有人数的100%，涉密单位≤150%", Share(100, 150)),
        ("不超过编制内实有人数的 50％", Share(50, 50)),
        ("6年或30万张；100人以内每20人1台，超出部分每30人1台", PerPeople(100, 20, 1, 30, 1)),
        ("按需配置", None),
        ("100人以内每0人1台，超出部分每30人1台", None),
        ("", None),
    ],
)
def test_rule_is_understood_or_left_alone_when_put_in_words(words, rule):
    assert parse_quantity(words) == rule


def test_pieces_are_whole_when_the_headcount_does_not_divide():
    assert [Share(50, 50).allowed(people) for people in (0, 1, 7, 8)] == [0, 0, 3, 4]
    assert Share(100, 150).allowed(7, is_confidential=True) == 10
    rule = PerPeople(100, 20, 1, 30, 1)
    assert [rule.allowed(people) for people in (0, 1, 20, 21, 100, 101, 130, 131)] == [0, 1, 1, 2, 5, 6, 6, 7]


@given(st.integers(0, 5000), st.integers(1, 200), st.integers(1, 500), st.integers(1, 100), st.integers(1, 100))
def test_more_people_never_mean_fewer_pieces(people, percent, limit, group, beyond):
    share, groups = Share(percent, percent), PerPeople(limit, group, 1, beyond, 1)
    assert share.allowed(people) <= share.allowed(people + 1)
    assert share.allowed(people) * 100 <= people * percent
    assert groups.allowed(people) <= groups.allowed(people + 1) <= groups.allowed(people) + 1
