"""The hand-picked part of the procurement catalogue, and a small table of allocation standards."""

from datetime import date

from server.classification.catalogue import CATALOGUE_SOURCE, CATALOGUE_VERSION, DEMO_CATALOGUE, read_catalogue
from server.classification.commands import import_categories
from server.classification.standards.commands import import_standard
from server.classification.standards.table import read_standard
from server.classification.standards.types import ImportStandard, StandardVersion
from server.classification.types import CategoriesImported, ImportCategories
from server.kernel.actor import Actor
from tests.factories.identity import SYSTEM

PROJECTOR = "A02020200"
LAPTOP = "A02010108"


async def make_categories() -> CategoriesImported:
    """A few hundred categories, projectors and laptops among them."""
    rows = read_catalogue(DEMO_CATALOGUE.read_text(encoding="utf-8"))
    return await import_categories(
        SYSTEM, ImportCategories(source=CATALOGUE_SOURCE, version=CATALOGUE_VERSION, rows=rows)
    )


# Projectors by the piece, laptops by the headcount, desks in two grades, conference tables by the square metre.
STANDARD = """类别,资产项目,品目编码,价格上限,计价单位,最低使用年限,数量标准,核对情况
设备,投影仪,A02020200,10000,元/台,6,,未核实
设备,便携式计算机,A02010105,7000,元/台,6,≤编制内实有人数的50%，涉密单位≤60%,转引
家具,办公桌（司局级）,A05010201,4500,元/套,15,,已核对原文
家具,办公桌（处级及以下）,A05010201,3000,元/套,15,,已核对原文
家具,大茶几,,1000,元/个,15,,已核对原文
"""


async def make_standard(
    region_code: str, text: str = STANDARD, effective_on: date = date(2016, 7, 1), actor: Actor = SYSTEM
) -> StandardVersion:
    """A region's next table of standards."""
    request = ImportStandard(
        region_code=region_code,
        effective_on=effective_on,
        source="财资〔2016〕27号",
        reason="转发执行",
        rows=read_standard(text),
    )
    return await import_standard(actor, request)
