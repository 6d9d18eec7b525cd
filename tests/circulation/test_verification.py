"""`verify ledger` finds every kind of damage to what was promised."""

import pytest

from server.circulation.verification import verify_promises
from server.kernel.unit_of_work import unit_of_work
from tests.factories.circulation import Hall, make_borrowing
from tests.factories.identity import SYSTEM

LATEST = "(SELECT b.id FROM (SELECT MAX(id) AS id FROM borrowing) AS b)"


async def damage(*statements: str) -> None:
    """Change rows behind the product's back."""
    async with unit_of_work(SYSTEM) as uow:
        for statement in statements:
            assert await uow.execute(statement) >= 1


@pytest.mark.parametrize("until", ["submitted", "approved", "issued", "returned"])
async def test_nothing_is_found_when_nothing_was_touched(hall: Hall, until: str):
    await make_borrowing(hall, until=until)
    await make_borrowing(hall, 5, 7)
    assert await verify_promises() == []


@pytest.mark.parametrize(
    ("until", "statement", "sentence"),
    [
        ("submitted", "DELETE FROM asset_day WHERE day = (SELECT MIN(from_day) FROM borrowing)", "实际占用 2 天"),
        ("approved", "DELETE FROM asset_day WHERE id <> ''", "实际占用 0 天"),
        ("issued", "DELETE FROM asset_day WHERE day = (SELECT MIN(from_day) FROM borrowing)", "有 1 天没有占用"),
        ("submitted", "UPDATE asset_day SET borrowing_id = 'stranger'", "没有对应的借用单"),
        ("submitted", "UPDATE asset_day SET asset_id = 'another'", "没有对应的借用单"),
        ("submitted", "DELETE FROM borrowing_line WHERE id <> ''", "没有借用的资产"),
        ("submitted", "UPDATE borrowing SET state = 'rejected'", "仍占用 3 天"),
        ("submitted", "UPDATE borrowing SET state = 'approved'", "审批却还在等待"),
        ("submitted", "UPDATE approval_chain SET state = 'cancelled'", "没有等待中的审批"),
        ("issued", "UPDATE asset_card SET state = 'in_stock' WHERE state = 'on_loan'", "应为 on_loan"),
        ("issued", "UPDATE borrowing SET state = 'closed'", "不是正好一张"),
        ("issued", "UPDATE borrowing_line SET returned_at = issued_at", "应为“已归还待验收”"),
        ("approved", "UPDATE asset_card SET state = 'on_loan'", "不是正好一张"),
        ("returned", "UPDATE borrowing_line SET returned_at = returned_at - 864000000000", "归还以后的日期"),
        ("approved", "UPDATE borrowing_line SET released_at = 1", "已经释放，仍占用 3 天"),
        ("approved", "UPDATE borrowing_line SET issued_at = 1", "却有资产已经发出"),
    ],
)
async def test_damage_is_found_when_rows_were_changed(hall: Hall, until: str, statement: str, sentence: str):
    await make_borrowing(hall, until=until)
    await damage(statement)
    found = await verify_promises()
    assert any(sentence in fault for fault in found), found
