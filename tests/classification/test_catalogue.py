"""Importing the catalogue: the whole published file, once and again, and files that are wrong."""

import csv
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from server.classification.catalogue import DEMO_CATALOGUE, read_catalogue
from server.classification.commands import import_categories
from server.classification.queries import category, list_ancestors, list_children, search_categories
from server.classification.types import CategoryRow, ImportCategories
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound
from server.kernel.messages import sentence_for
from server.kernel.reading import reading
from tests.factories.classification import LAPTOP, PROJECTOR, make_categories
from tests.factories.identity import SYSTEM, make_actor, make_city

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "procurement-catalogue-2022.csv"
GOODS = CategoryRow(row=2, code="A", name="货物", level="0", parent_code="", kind="goods")
DEVICES = CategoryRow(row=3, code="A02000000", name="设备", level="1", parent_code="A", kind="goods")


def catalogue(*rows: CategoryRow, source: str = "测试目录", version: str = "1") -> ImportCategories:
    return ImportCategories(source=source, version=version, rows=rows)


async def counts() -> Counter[tuple[int, str]]:
    async with reading() as db:
        rows = await db.fetch_all("SELECT level, kind FROM category")
    return Counter((row["level"], row["kind"]) for row in rows)


async def test_the_whole_published_catalogue_is_stored_once(runtime):
    text = PUBLISHED.read_text(encoding="utf-8")
    published = list(csv.DictReader(text.splitlines()))
    request = ImportCategories(source="政府采购品目分类目录", version="2022", rows=read_catalogue(text))
    first = await import_categories(SYSTEM, request)
    again = await import_categories(SYSTEM, request)
    assert (first.added, first.changed, first.unchanged) == (4259, 0, 0)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 4259)
    assert again.digest == first.digest
    assert await counts() == Counter((int(row["level"]), row["kind"]) for row in published)
    async with reading() as db:
        gas = await category(db, "A07050201")
        audit = await db.fetch_all("SELECT facts FROM audit_event WHERE action = 'category.imported' ORDER BY id")
    assert (gas.name, gas.path, gas.source, gas.version) == (
        "煤气",
        "A/A07000000/A07050000/A07050201/",
        "政府采购品目分类目录",
        "2022",
    )
    assert [msgspec.json.decode(row["facts"])["digest"] for row in audit] == [first.digest] * 2


async def test_the_demo_part_is_taken_from_the_published_catalogue(runtime):
    published = {row["code"]: row for row in csv.DictReader(PUBLISHED.read_text(encoding="utf-8").splitlines())}
    picked = list(csv.DictReader(DEMO_CATALOGUE.read_text(encoding="utf-8").splitlines()))
    assert 250 <= len(picked) <= 400
    assert all(published[row["code"]] == row for row in picked)
    assert (await make_categories()).added == len(picked)


async def test_an_import_reports_what_it_changed_and_moves_the_branch_below(runtime):
    office = CategoryRow(row=4, code="A02020000", name="办公设备", level="2", parent_code="A02000000", kind="goods")
    projector = CategoryRow(row=5, code=PROJECTOR, name="投影仪", level="3", parent_code="A02020000", kind="goods")
    await import_categories(SYSTEM, catalogue(GOODS, DEVICES, office, projector))
    moved = msgspec.structs.replace(office, name="办公用设备", parent_code="A")
    answer = await import_categories(SYSTEM, catalogue(GOODS, DEVICES, moved))
    # The projector is not in the second file; its path follows its parent all the same.
    assert (answer.added, answer.changed, answer.unchanged) == (0, 2, 2)
    assert [each.code for each in await list_ancestors(PROJECTOR)] == ["A", "A02020000", PROJECTOR]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"code": "a02020200"}, "code", "category.code_malformed"),
        ({"code": "A0202"}, "code", "category.code_malformed"),
        ({"code": "A02020200' OR 1=1"}, "code", "category.code_malformed"),
        ({"name": ""}, "name", "category.name_malformed"),
        ({"name": "投影\x00仪"}, "name", "category.name_malformed"),
        ({"name": "仪" * 129}, "name", "category.name_malformed"),
        ({"level": "三"}, "level", "category.level_malformed"),
        ({"level": "0"}, "level", "category.level_malformed"),
        ({"kind": "service"}, "kind", "category.kind_malformed"),
        ({"parent_code": ""}, "parent_code", "category.parent_malformed"),
        ({"parent_code": "B"}, "parent_code", "category.parent_malformed"),
        ({"parent_code": "A02020200"}, "parent_code", "category.parent_malformed"),
        ({"parent_code": "A99000000"}, "parent_code", "category.parent_missing"),
    ],
)
async def test_a_file_is_refused_whole_with_the_row_when_one_row_is_malformed(runtime, row, column, code):
    good = CategoryRow(row=17, code="A02020200", name="投影仪", level="2", parent_code="A02000000", kind="goods")
    with pytest.raises(InvalidInput) as refused:
        await import_categories(SYSTEM, catalogue(GOODS, DEVICES, msgspec.structs.replace(good, **row)))
    assert refused.value.code == "category.malformed" and refused.value.data["total"] == 1
    fault = refused.value.fields[0]
    assert (fault.field, fault.code) == (f"rows.17.{column}", code)
    assert "第 17 行" in sentence_for(fault) and "{" not in sentence_for(fault)
    assert await counts() == Counter()


async def test_a_circle_and_a_code_twice_are_named(runtime):
    one = CategoryRow(row=4, code="A02010000", name="甲", level="2", parent_code="A02020000", kind="goods")
    other = CategoryRow(row=5, code="A02020000", name="乙", level="2", parent_code="A02010000", kind="goods")
    with pytest.raises(InvalidInput) as circle:
        await import_categories(SYSTEM, catalogue(GOODS, DEVICES, one, other))
    with pytest.raises(InvalidInput) as twice:
        await import_categories(SYSTEM, catalogue(GOODS, DEVICES, msgspec.structs.replace(DEVICES, row=9)))
    assert {fault.code for fault in circle.value.fields} == {"category.parent_circle"}
    assert [(fault.code, fault.data["first"]) for fault in twice.value.fields] == [("category.code_twice", 3)]


async def test_a_file_is_refused_when_it_is_empty_or_has_other_columns(runtime):
    with pytest.raises(InvalidInput) as empty:
        await import_categories(SYSTEM, catalogue())
    with pytest.raises(InvalidInput) as columns:
        read_catalogue("编码,名称\nA,货物\n")
    assert (empty.value.code, columns.value.code) == ("category.no_rows", "category.columns")


async def test_only_operations_over_their_subtree_may_import(runtime):
    city = await make_city()
    for actor in [
        await make_actor("金灿", city.operator, Role.OPERATIONS),
        await make_actor("周敏", city.health, Role.ASSET_MANAGER, is_subtree=True),
    ]:
        with pytest.raises(Forbidden):
            await import_categories(actor, catalogue(GOODS))
    chief = await make_actor("钱江", city.operator, Role.OPERATIONS, is_subtree=True)
    assert (await import_categories(chief, catalogue(GOODS))).added == 1


async def test_categories_are_found_by_code_and_by_parts_of_their_name(runtime):
    await make_categories()
    assert (await search_categories("投影仪"))[0].code == PROJECTOR
    assert LAPTOP in [found.code for found in await search_categories("便携 计算机")]
    by_code = await search_categories("a0201010")
    assert by_code and all(found.code.startswith("A0201010") for found in by_code)
    assert [found.name for found in await search_categories("kvm")] == []
    assert "A02021103" in [found.code for found in await search_categories("led")]
    for strange in ("", "   ", "%", "_", "'; DROP TABLE category; --"):
        assert await search_categories(strange) == []
    assert len(await search_categories("设备", limit=5)) == 5


async def test_the_tree_is_walked_from_the_top(runtime):
    await make_categories()
    assert [top.name for top in await list_children()] == ["货物"]
    below = await list_children("A02020000")
    assert PROJECTOR in [each.code for each in below]
    assert {each.code: each.is_leaf for each in below}[PROJECTOR]
    assert not next(each for each in below if each.code == "A02020500").is_leaf
    with pytest.raises(NotFound):
        await list_ancestors("A99999999")
