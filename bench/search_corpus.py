"""Believable cards and labelled queries for measuring the search. Pure data, the same on every run.

Popular things come from `search_things.tsv`; between them stand things from other branches of the published
procurement catalogue, which no query asks for. A query's labels are rules over what a card is (its family and
fields), so they were there before any search was run.
"""

import csv
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_CATALOGUE = Path("shared", "data", "procurement-catalogue-2022.csv")
# Beside the clone, or beside the folder that holds it and other work trees.
PUBLISHED = next(
    (path for folder in Path(__file__).parents[2:4] if (path := folder / _CATALOGUE).exists()),
    Path(__file__).parents[2] / _CATALOGUE,
)
THINGS = Path(__file__).with_name("search_things.tsv")
QUERIES = Path(__file__).with_name("search_queries.tsv")
SEED = 2022
# One card in seven is something that nobody asks for.
_OTHERS = 7
DISTRICTS = (
    *(("330102", "上城区"), ("330105", "拱墅区"), ("330106", "西湖区"), ("330108", "滨江区"), ("330109", "萧山区")),
    *(("330110", "余杭区"), ("330111", "富阳区"), ("330112", "临安区"), ("330113", "临平区"), ("330114", "钱塘区")),
)
BUREAUS = (
    *(("教育局", "教育"), ("卫生健康局", "卫健"), ("公安分局", "公安"), ("财政局", "财政"), ("民政局", "民政")),
    *(("人力资源和社会保障局", "人社"), ("文化和广电旅游体育局", "文广旅体"), ("住房和城乡建设局", "住建")),
    *(("农业农村局", "农业农村"), ("应急管理局", "应急"), ("机关事务服务中心", "机关事务"), ("第一人民医院", "一院")),
)
_BUILDINGS = (
    *("行政中心 / {} 室", "行政中心 / {} 室", "办事大厅 / {} 号窗口", "分局大楼 / {} 室", "第二办公楼 / {} 室"),
    *("档案馆 / {} 库房", "体育中心 / {} 室", "公物仓主仓 / {} 货位", "防汛仓库 / {} 货位", "会展中心 / {} 厅"),
)


class Thing(NamedTuple):
    """One card. `family`: what it is, as the labels say; empty for what nobody asks for."""

    family: str
    category_code: str
    name: str
    brand: str
    model: str
    specification: str
    value_fen: int
    district: int
    bureau: int
    place: str
    year: int
    serial: int

    @property
    def code(self) -> str:
        """As the coding rule makes it."""
        return f"{self.category_code}-{DISTRICTS[self.district][0]}B{self.bureau:02d}-{self.year}-{self.serial:04d}"

    @property
    def unit_name(self) -> str:
        return DISTRICTS[self.district][1] + BUREAUS[self.bureau][0]


class Clause(NamedTuple):
    """Cards of a family (`*`: any) whose `field` holds `text` (empty: any) have this grade."""

    family: str
    grade: int
    field: str
    text: str

    def fits(self, thing: Thing) -> bool:
        if self.family not in {"*", thing.family}:
            return False
        fields = {"unit": thing.unit_name, "spec": thing.specification, "brand": thing.brand, "name": thing.name}
        fields |= {"model": thing.model, "place": thing.place}
        return not self.field or self.text in fields[self.field]


class Query(NamedTuple):
    """One labelled query. `is_held_out`: nobody may tune on it."""

    text: str
    kind: str
    clauses: tuple[Clause, ...]
    is_held_out: bool

    def grade(self, thing: Thing) -> int:
        """How much the thing is what was wanted: 3 what was asked for, 2 serves as well, 1 related, 0 not."""
        return max((clause.grade for clause in self.clauses if clause.fits(thing)), default=0)


class _Family(NamedTuple):
    key: str
    category_code: str
    names: list[str]
    models: list[tuple[str, str]]
    specifications: list[str]
    first: int
    last: int
    weight: int


def queries() -> list[Query]:
    """All labelled queries; every second one is held out."""
    rows = [line.split("\t") for line in _lines(QUERIES)]
    return [
        Query(text, kind, tuple(map(_clause, wanted.split(";"))), number % 2 == 0)
        for number, (text, kind, wanted) in enumerate(rows, 1)
    ]


def _clause(text: str) -> Clause:
    wanted, _, condition = text.partition("@")
    family, _, grade = wanted.partition(":")
    field, _, value = condition.replace("~", "=").partition("=")
    return Clause(family, int(grade), field, value)


def things(number: int) -> Iterator[Thing]:
    """That many cards, believable and always the same."""
    chance = random.Random(SEED)
    families, others = _families(), _other_names()
    weights = [family.weight for family in families]
    serials = Counter[tuple[str, int, int, int]]()
    for place in range(number):
        if place % _OTHERS == 0:
            code, name = chance.choice(others)
            yield _placed(chance, serials, "", code, name, ("", ""), "", chance.randrange(100, 90_000))
        else:
            family = chance.choices(families, weights)[0]
            value = chance.randrange(family.first, family.last)
            what = (chance.choice(family.names), chance.choice(family.models), chance.choice(family.specifications))
            yield _placed(chance, serials, family.key, family.category_code, *what, value)


def _placed(
    chance: random.Random,
    serials: Counter[tuple[str, int, int, int]],
    key: str,
    code: str,
    name: str,
    made: tuple[str, str],
    specification: str,
    yuan: int,
) -> Thing:
    district, bureau, year = (
        chance.randrange(len(DISTRICTS)),
        chance.randrange(len(BUREAUS)),
        chance.randrange(2015, 2026),
    )
    place = DISTRICTS[district][1] + chance.choice(_BUILDINGS).format(chance.randrange(101, 130))
    serials[code, district, bureau, year] += 1
    serial = serials[code, district, bureau, year]
    return Thing(key, code, name, *made, specification, yuan * 100, district, bureau, place, year, serial)


def _families() -> list[_Family]:
    found = []
    for line in _lines(THINGS):
        key, code, names, makers, specifications, values, weight = line.split("\t")
        first, last = map(int, values.split("-"))
        models = [
            ("" if brand == "无" else brand, model)
            for brand, _, some in (maker.partition(":") for maker in makers.split(";"))
            for model in some.split("/")
        ]
        found.append(_Family(key, code, names.split(";"), models, specifications.split(";"), first, last, int(weight)))
    return found


def _other_names() -> list[tuple[str, str]]:
    """Leaves of the published catalogue in branches of which no family is, and that no query names."""
    taken = {family.category_code[:5] for family in _families()}
    asked = {query.text for query in queries()}
    with PUBLISHED.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "goods"]
    parents = {row["parent_code"] for row in rows}
    return [
        (row["code"], row["name"])
        for row in rows
        if row["code"] not in parents
        and row["code"][:5] not in taken
        and not any(text in row["name"] for text in asked)
    ]


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
