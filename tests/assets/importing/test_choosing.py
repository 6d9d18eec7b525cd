"""What people say of a ledger before it is written: whose it is, its columns, its words, which of its rows."""

from io import BytesIO

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from server.assets.importing.choosing import choose_all, choose_rows
from server.assets.importing.commands import (
    apply_import,
    begin_import,
    discard_import,
    map_columns,
    match_texts,
)
from server.assets.importing.error_sheet import error_sheet
from server.assets.importing.queries import import_view, list_imports, list_rows
from server.assets.importing.types import ChooseRows, MapColumns, MatchTexts
from server.assets.queries import list_cards
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound
from server.kernel.runtime import Runtime
from tests.factories.assets import PROJECTOR as PROJECTOR_CODE
from tests.factories.assets import make_ledger
from tests.factories.identity import make_actor
from tests.factories.ledgers import (
    HEADINGS,
    LAPTOP,
    PROJECTOR,
    checked,
    count,
    kept_ledger,
    rows_of,
    text_table,
    upload,
    work,
    workbook,
)


async def test_only_chosen_rows_become_cards_when_some_are_left(runtime: Runtime):
    ledger = await make_ledger()
    view = await checked(ledger.health_manager, workbook([HEADINGS, PROJECTOR, LAPTOP]), ledger.health_room.id)
    new = await rows_of(ledger.health_manager, view, "new")
    wanted = ChooseRows(import_id=view.id, shown=[row.id for row in new], chosen=[new[1].id])
    await choose_rows(ledger.health_manager, wanted)
    assert (await import_view(ledger.health_manager, view.id)).chosen == 1
    await apply_import(ledger.health_manager, view.id)
    await work()
    assert [card.name for card in (await list_cards(ledger.health_manager)).items] == ["笔记本电脑 联想 T14"]


async def test_nothing_is_begun_when_nothing_is_chosen(runtime: Runtime):
    ledger = await make_ledger()
    view = await checked(ledger.health_manager, workbook([HEADINGS, PROJECTOR]), ledger.health_room.id)
    await choose_all(ledger.health_manager, view.id, "new", False)
    with pytest.raises(InvalidInput, match=r"import\.nothing_chosen"):
        await apply_import(ledger.health_manager, view.id)
    await choose_all(ledger.health_manager, view.id, "new", True)
    assert (await import_view(ledger.health_manager, view.id)).chosen == 1


async def test_row_is_refused_when_it_is_of_another_import_or_field(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, workbook([HEADINGS, PROJECTOR]), ledger.health_room.id)
    other = await checked(manager, workbook([HEADINGS, LAPTOP]), ledger.health_room.id)
    mine, theirs = [(await rows_of(manager, each, "new"))[0].id for each in (view, other)]
    for wanted in (
        ChooseRows(import_id=view.id, shown=[theirs], chosen=[theirs]),
        ChooseRows(import_id=view.id, shown=[mine], chosen=[theirs]),
        ChooseRows(import_id=view.id, shown=[mine], chosen=[mine], fields={mine: ["brand"]}),
    ):
        with pytest.raises(InvalidInput):
            await choose_rows(manager, wanted)


async def test_words_are_remembered_when_somebody_has_said_what_they_mean(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    rows = [(*HEADINGS[1:],), ("宽幅幻灯机", "", "", "", "300", "2020-01-01", "老仓库", "王某某")]
    view = await checked(manager, workbook(rows), ledger.health_room.id)
    assert {(match.kind, match.text) for match in view.matches} == {
        ("category", "宽幅幻灯机"),
        ("place", "老仓库"),
        ("custodian", "王某某"),
    }
    choices = {
        "category": {"宽幅幻灯机": PROJECTOR_CODE},
        "place": {"老仓库": ledger.health_room.id},
        "custodian": {"王某某": ""},
    }
    await match_texts(manager, MatchTexts(import_id=view.id, choices=choices))
    await work()
    assert (await import_view(manager, view.id)).counts == {"new": 1, "skipped": 1}
    again = await upload(manager, workbook(rows))
    view = await import_view(manager, again)
    assert (view.state, view.counts) == ("ready", {"new": 1, "skipped": 1})
    stranger = await upload(ledger.culture_manager, workbook(rows))
    assert (await import_view(ledger.culture_manager, stranger)).state == "mapping"


async def test_choice_is_refused_when_it_is_not_the_units_own(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    rows = [(*HEADINGS[1:],), ("宽幅幻灯机", "", "", "", "300", "2020-01-01", "老仓库", "王某某")]
    view = await checked(manager, workbook(rows), ledger.health_room.id)
    wrong = {
        "category": {"宽幅幻灯机": "A02020000", "没问过的": PROJECTOR_CODE},
        "place": {"老仓库": ledger.culture_room.id},
        "custodian": {"王某某": ledger.culture_manager.person_id or ""},
    }
    with pytest.raises(InvalidInput) as caught:
        await match_texts(manager, MatchTexts(import_id=view.id, choices=wrong))
    assert {fault.field: fault.code for fault in caught.value.fields} == {
        "category.宽幅幻灯机": "asset.category_too_broad",
        "category.没问过的": "input.not_a_choice",
        "place.老仓库": "asset.place_unknown",
        "custodian.王某某": "asset.custodian_unknown",
    }


async def test_mapping_is_refused_when_it_leaves_out_or_doubles_a_field(runtime: Runtime):
    ledger = await make_ledger()
    import_id = await upload(ledger.health_manager, workbook([HEADINGS, PROJECTOR]))
    mapping = (await import_view(ledger.health_manager, import_id)).plan.mapping

    async def faults(**changes: str) -> dict[str, str]:
        defaults = {f"default_{name}": changes.pop(name, None) for name in ("place_id", "condition")}
        wanted = MapColumns(import_id=import_id, mapping={**mapping, **changes}, **defaults)
        with pytest.raises(InvalidInput) as caught:
            await map_columns(ledger.health_manager, wanted)
        return {fault.field: fault.code for fault in caught.value.fields}

    assert await faults(资产名称="") == {"mapping": "import.not_mapped"}
    assert await faults(品牌="model") == {"mapping": "import.mapped_twice"}
    assert await faults(品牌="owner_unit_id") == {"mapping": "input.not_a_choice"}
    assert await faults(place_id=ledger.culture_room.id) == {"default_place_id": "asset.place_unknown"}
    assert await faults(condition="perfect") == {"default_condition": "input.not_a_choice"}


async def test_error_sheet_is_a_ledger_again_when_its_rows_are_put_right(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    rows = [HEADINGS, PROJECTOR, (*LAPTOP[:5], "-1", "2023-02-30", "", "")]
    view = await checked(manager, workbook(rows), ledger.health_room.id)
    sheet = CalamineWorkbook.from_filelike(BytesIO(await error_sheet(manager, view.id))).get_sheet_by_index(0)
    heading, faulty = sheet.to_python()
    assert heading[:3] == ["错误原因", "工作表", "行"]
    assert "账面原值：金额不能是负数。" in str(faulty[0])
    assert "取得日期：没有这一天，请核对年月日。" in str(faulty[0])
    cells = dict(zip(heading, faulty, strict=True)) | {"原值": "5699.5", "取得日期": "2023-02-28"}
    again = await checked(manager, workbook([heading, list(cells.values())]), ledger.health_room.id)
    assert again.counts == {"new": 1, "skipped": 1}


async def test_import_is_not_there_when_another_unit_asks(runtime: Runtime):
    ledger = await make_ledger()
    view = await checked(ledger.health_manager, workbook([HEADINGS, PROJECTOR]), ledger.health_room.id)
    borrower = await make_actor("李晓梅", ledger.city.health, Role.BORROWER)
    for ask in (
        lambda actor: import_view(actor, view.id),
        lambda actor: list_rows(actor, view.id),
        lambda actor: apply_import(actor, view.id),
        lambda actor: discard_import(actor, view.id),
        lambda actor: map_columns(actor, MapColumns(import_id=view.id, mapping={})),
    ):
        with pytest.raises(NotFound, match=r"import\.not_found"):
            await ask(ledger.culture_manager)
        with pytest.raises(Forbidden, match=r"role\.required"):
            await ask(borrower)
    with pytest.raises(Forbidden):
        await begin_import(borrower, await kept_ledger(b"1"))
    assert (await list_imports(ledger.culture_manager)).items == []


async def test_ledger_is_refused_when_its_unit_is_out_of_reach(runtime: Runtime):
    ledger = await make_ledger()
    request = await kept_ledger(workbook([HEADINGS, PROJECTOR]))
    above = await make_actor("郑琦", ledger.city.linping, Role.ASSET_MANAGER, is_subtree=True)
    alone = await make_actor("何志明", ledger.city.linping, Role.ASSET_MANAGER)
    for actor, unit in ((above, ledger.city.xihu), (alone, ledger.city.health), (above, ledger.city.city)):
        with pytest.raises(InvalidInput) as caught:
            await begin_import(actor, msgspec.structs.replace(request, unit_id=unit.id))
        assert caught.value.fields[0].code == "import.unit_unknown"


async def test_same_ledger_is_begun_once_when_its_upload_is_repeated(runtime: Runtime):
    ledger = await make_ledger()
    request = await kept_ledger(text_table([HEADINGS, PROJECTOR]))
    actor = ledger.health_manager.with_key("form-0001")
    first, second = await begin_import(actor, request), await begin_import(actor, request)
    assert first == second
    assert await count("ledger_import") == 1
