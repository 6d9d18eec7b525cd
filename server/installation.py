"""The first installation: divisions, categories, built-in rules, the leading unit and the three administrators.

`python -m server install` does it through the same commands as everybody else. Interrupted, it is simply run again:
even after its last commit, for as long as none of the three has logged in, it gives out other first passwords. Once
somebody has, it is refused, because from then on they decide.
"""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import msgspec

from server.classification.catalogue import CATALOGUE_SOURCE, CATALOGUE_VERSION, read_catalogue
from server.classification.commands import import_categories
from server.classification.types import CategoriesImported, ImportCategories
from server.identity.commands import (
    BootstrapAdministrators,
    CreateUnit,
    FirstAdministrator,
    ImportRegions,
    RegionRow,
    bootstrap_administrators,
    create_unit,
    import_regions,
    reissue_first_passwords,
)
from server.identity.passwords import make_temporary_password
from server.kernel.actor import system_actor
from server.kernel.reading import reading
from server.policies.commands import seed_default_policies

INSTALLER = system_actor("installation")
_REGION_COLUMNS = ("code", "name", "parent_code", "level")
_REGION_CODE = re.compile(r"\d{6,12}")
_LEVELS = frozenset({"province", "city", "district", "county", "county-level-city", "street", "village"})


class InstallationError(Exception):
    """What was given cannot be installed; the message says what to change."""


class Newcomer(msgspec.Struct, frozen=True):
    """One of the three administrators. `role`: system_admin, security_admin or audit_admin."""

    role: str
    name: str
    login_name: str


class Installation(msgspec.Struct, frozen=True):
    """What to install. `regions` and `categories`: CSV files; None where they were loaded before or come later."""

    unit_code: str
    unit_name: str
    unit_short_name: str
    unit_region: str
    unit_kind: str
    administrators: tuple[Newcomer, ...]
    regions: Path | None = None
    categories: Path | None = None


async def install(plan: Installation) -> list[FirstAdministrator]:
    """Install into an empty database; returns the administrators with their first passwords, which are kept nowhere.

    Raises InstallationError for a file or division that does not fit, StateConflict `bootstrap.done` where there are
    other people already or one of the three has logged in, and what the commands raise.
    """
    appointed = [
        FirstAdministrator(each.role, each.name, each.login_name, make_temporary_password())
        for each in plan.administrators
    ]
    if await _is_peopled():
        await reissue_first_passwords(INSTALLER, appointed)
        return appointed
    if plan.regions is not None:
        await load_regions(plan.regions)
    if plan.categories is not None:
        await load_categories(plan.categories)
    await seed_default_policies(INSTALLER)
    unit_id = await _leading_unit(plan)
    await bootstrap_administrators(INSTALLER, BootstrapAdministrators(unit_id=unit_id, administrators=appointed))
    return appointed


async def load_regions(file: Path) -> int:
    """Add and rename divisions from a CSV file; the number of its rows. Raises InstallationError naming the line."""
    rows = _regions_of(_text_of(file))
    return await import_regions(INSTALLER, ImportRegions(rows=rows, source=file.name))


async def load_categories(file: Path) -> CategoriesImported:
    """Add and change categories from a CSV file. Raises InstallationError, and InvalidInput naming each wrong row."""
    rows = read_catalogue(_text_of(file))
    wanted = ImportCategories(source=CATALOGUE_SOURCE, version=CATALOGUE_VERSION, rows=rows)
    return await import_categories(INSTALLER, wanted)


async def _is_peopled() -> bool:
    async with reading() as rows:
        return await rows.fetch_one("SELECT id FROM person LIMIT 1") is not None


async def _leading_unit(plan: Installation) -> str:
    async with reading() as rows:
        region = await rows.fetch_one("SELECT code FROM region WHERE code = ?", plan.unit_region)
        known = await rows.fetch_one("SELECT id, name FROM unit WHERE code = ?", plan.unit_code)
    if region is None:
        raise InstallationError(f"没有区划 {plan.unit_region}：请用 --regions 给出含有它的区划文件")
    if known is not None:
        return _same_unit(plan, str(known["id"]), str(known["name"]))
    request = CreateUnit(
        code=plan.unit_code,
        name=plan.unit_name,
        short_name=plan.unit_short_name,
        kind=plan.unit_kind,
        region_code=plan.unit_region,
        parent_id=None,
        is_operator=True,
    )
    return (await create_unit(INSTALLER, request)).id


def _same_unit(plan: Installation, unit_id: str, name: str) -> str:
    # An installation that was interrupted, or whose administrators were refused, has made its unit already.
    if name != plan.unit_name:
        raise InstallationError(f"编码 {plan.unit_code} 已是“{name}”：请核对单位编码与名称")
    return unit_id


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InstallationError(f"读不了文件 {file}：须为可读的 UTF-8 文本") from error


def _regions_of(text: str) -> list[RegionRow]:
    reader = csv.DictReader(StringIO(text))
    if not set(_REGION_COLUMNS) <= set(reader.fieldnames or ()):
        raise InstallationError("区划文件须有这几列：" + "、".join(_REGION_COLUMNS))
    rows: list[RegionRow] = []
    for cells in reader:
        code, name, parent_code, level = ((cells[column] or "").strip() for column in _REGION_COLUMNS)
        row = RegionRow(code, name, parent_code or None, level)
        if not _is_sound(row, rows):
            raise InstallationError(f"区划文件第 {reader.line_num} 行不正确：{code} {name}")
        rows.append(row)
    return rows


def _is_sound(row: RegionRow, above: Sequence[RegionRow]) -> bool:
    is_named = _REGION_CODE.fullmatch(row.code) is not None and 0 < len(row.name) <= 64
    return is_named and row.level in _LEVELS and row.code not in {each.code for each in above}
