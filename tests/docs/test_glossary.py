"""The glossary pairs what the code says: a role or state that is renamed in one place is renamed in both."""

import re
from pathlib import Path

import pytest

from server.approvals.types import STATE_NAMES as APPROVAL_NAMES
from server.assets.states import CONDITION_NAMES
from server.assets.states import STATE_NAMES as ASSET_NAMES
from server.circulation.lines import LINE_STATE_NAMES
from server.circulation.losses.states import LOSS_STATE_NAMES
from server.circulation.renewals import RENEWAL_STATE_NAMES
from server.circulation.states import INSPECTION_NAMES
from server.circulation.states import STATE_NAMES as BORROWING_NAMES
from server.identity.roles import ROLE_NAMES
from server.places.types import KIND_NAMES as PLACE_NAMES
from server.procurement.states import STATE_NAMES as NEED_NAMES

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text()


def rows(text: str) -> list[list[str]]:
    """The cells of every row of its tables, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith(("| 代码", "| ---"))]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


def section(title: str) -> str:
    """What stands under a heading, up to the next one."""
    return re.split(r"^#+ ", GLOSSARY.split(f"# {title}\n")[1], flags=re.MULTILINE)[0]


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("角色", ROLE_NAMES),
        ("资产状态", ASSET_NAMES),
        ("资产成色", CONDITION_NAMES),
        ("借用状态", BORROWING_NAMES),
        ("借用各件", LINE_STATE_NAMES),
        ("遗失与赔偿", LOSS_STATE_NAMES),
        ("续借状态", RENEWAL_STATE_NAMES),
        ("归还验收", INSPECTION_NAMES),
        ("审批状态", APPROVAL_NAMES),
        ("地点种类", PLACE_NAMES),
        ("购置需求状态", NEED_NAMES),
    ],
)
def test_pairs_are_those_of_the_code_when_listed(title, names):
    assert dict(rows(section(title))) == {str(name): meant for name, meant in names.items()}


@pytest.mark.parametrize("title", ["业务", "机构与人员", "系统"])
def test_each_word_has_one_meaning_when_looked_up(title):
    pairs = rows(section(title))
    assert len(pairs) >= 10
    assert len({pair[0] for pair in pairs}) == len({pair[1] for pair in pairs}) == len(pairs)
    assert all(pair[0].isascii() and not pair[1].isascii() for pair in pairs)
