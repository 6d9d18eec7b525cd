"""The audit's pages: found by person, thing and action; sealed; and a broken chain is told."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from admin.audit_export import safe
from admin.words import ACTION_NAMES, area_name
from server.assets.commands import correct_asset, freeze_asset
from server.assets.types import CorrectAsset, FreezeAsset
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.audit.export import verify_export
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork
from server.settings import Settings, load_secrets
from tests.admin.conftest import Office
from tests.factories.identity import make_actor
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


async def frozen(office: Office, reason: str = "<b>查封</b>") -> None:
    stop = FreezeAsset(asset_id=office.hall.projector.id, reason=reason, document_no="临封〔2026〕1号")
    await freeze_asset(office.hall.lender, stop)


async def test_an_event_is_found_by_person_thing_and_action_when_it_happened(office: Office) -> None:
    asset = office.hall.projector
    await frozen(office)
    for query in ("person=王秀英", f"subject=asset:{asset.id}", "action=asset.freeze", "action=asset."):
        page = await office.auditor.get(f"/admin/audit?{query}")
        assert f"王秀英 杭州市临平区卫生健康局 冻结 资产 {asset.code} {asset.name}" in page.words
    address = re.search(r'href="(/admin/audit/[0-9a-z]{16})"', page.answer.text)
    assert address is not None
    detail = await office.auditor.get(address[1])
    assert "临封〔2026〕1号" in detail.words
    assert "<b>查封</b>" not in detail.answer.text
    assert "asset.freeze" in detail.words
    nothing = await office.auditor.get("/admin/audit?to_day=2001-01-01")
    assert "没有符合条件的记录" in nothing.words


async def test_a_thing_tells_its_whole_story_when_it_is_asked_by_its_code(office: Office) -> None:
    asset = office.hall.projector
    correction = CorrectAsset(asset_id=asset.id, version=asset.version, reason="铭牌看错", brand="明基")
    await correct_asset(office.hall.lender, correction)
    found = await office.auditor.get(f"/admin/audit?thing={asset.code}")
    assert found.target == f"/admin/audit/things/asset/{asset.id}"
    story = await office.auditor.follow(found)
    assert f"品牌 {asset.brand} → 明基" in story.words
    # The listing belongs to the card, and its opening to the card's story.
    assert "上架共享" in story.words
    assert "建卡" in story.words
    assert "没有找到“A999”" in (await office.auditor.get("/admin/audit?thing=A999")).words
    assert (await office.auditor.get("/admin/audit/things/asset/0123456789abcdef")).status == 404
    both = await make_actor("王秀英", office.hall.ledger.city.culture, Role.BORROWER)
    chosen = await office.auditor.get("/admin/audit?thing=王秀英")
    assert "“王秀英”可能是" in chosen.words
    assert f"/admin/audit/things/person/{both.person_id}" in chosen.answer.text


async def test_an_export_is_signed_recorded_and_safe_to_open(
    office: Office, settings: Settings, tmp_path: Path
) -> None:
    await frozen(office, '=HYPERLINK("http://evil.example") 13812345678')

    async def is_sealed() -> bool:
        return "待封存 0 条" in (await office.auditor.get("/admin/audit/chain")).words

    await eventually(is_sealed)
    page = await office.auditor.get("/admin/audit?action=asset.freeze")
    taken = await office.auditor.submit(page, "/admin/audit/export")
    assert taken.answer.headers["content-type"] == "application/zip"
    file = tmp_path / "导出.zip"
    file.write_bytes(taken.answer.content)
    with zipfile.ZipFile(file) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".csv")]
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert [row["事项"] for row in rows] == ["冻结"]
    assert rows[0]["办理人"] == "王秀英"
    assert "138****5678" in rows[0]["内容"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    recorded = await office.auditor.get("/admin/audit?action=audit.exported")
    assert "沈建华 杭州市人民政府 导出审计记录" in recorded.words

    assert await verified(settings, file) == []
    for number, spoil in enumerate((_add_a_row, _retell, _cut)):
        spoilt = tmp_path / f"{number}.zip"
        spoil(file, spoilt)
        assert len(await verified(settings, spoilt)) == 1
    await _forge_last(office.hall.lender)
    assert "审计链在导出后被改动" in (await verified(settings, file))[0]


def test_a_cell_is_text_when_a_spreadsheet_would_run_it() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert safe(text) == f"'{text}"
    assert safe("投影仪") == "投影仪"


async def verified(settings: Settings, file: Path) -> list[str]:
    return await verify_export(load_secrets(settings).audit, file)


def _rewritten(file: Path, target: Path, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)))


def _add_a_row(file: Path, target: Path) -> None:
    _rewritten(file, target, lambda data: data.replace("冻结".encode(), "解冻".encode()))


def _retell(file: Path, target: Path) -> None:
    _rewritten(file, target, lambda data: data.replace(b'"rows": 1', b'"rows": 2'))


def _cut(file: Path, target: Path) -> None:
    target.write_bytes(file.read_bytes()[:-40])


@command("test.forge_last", is_audited=False)
async def _forge_last(uow: UnitOfWork, actor: Actor) -> None:
    await uow.execute("UPDATE audit_event SET hash = ? WHERE sequence IS NOT NULL", "e" * 64)


async def test_the_chain_is_whole_until_somebody_edits_a_row(office: Office) -> None:
    async def is_sealed() -> bool:
        return "待封存 0 条" in (await office.auditor.get("/admin/audit/chain")).words

    await eventually(is_sealed)
    address = "/admin/audit/chain/verification"
    page = await office.auditor.get("/admin/audit/chain")
    assert "审计链完整" in (await office.auditor.submit(page, address)).words
    await _forge(office.hall.lender)
    broken = await office.auditor.submit(page, address)
    assert "内容被改动" in broken.words
    assert (await office.lender.submit(page, address)).status == 403


@command("test.forge_audit", is_audited=False)
async def _forge(uow: UnitOfWork, actor: Actor) -> None:
    await uow.execute("UPDATE audit_event SET actor_name = ? WHERE sequence = 3", "别人")


def test_every_action_has_a_name_when_a_command_records_it() -> None:
    recorded = set()
    for path in (ROOT / "server").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        recorded |= set(re.findall(r'(?:uow\.record\(|_tell\(uow, )\s*"([a-z_]+\.[a-z_]+)"', text))
    assert len(recorded) > 50
    assert recorded - set(ACTION_NAMES) == set()
    assert [action for action in ACTION_NAMES if area_name(action) == action.partition(".")[0]] == []
