"""Names and codes of assets."""

import pytest

from server.classification.naming import asset_code, asset_name, asset_series
from server.kernel.errors import InvalidInput
from server.policies.types import CodingPolicy


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("投影仪", "爱普生", "CB-FH52"), "投影仪 爱普生 CB-FH52"),
        (("会议桌", "无", ""), "会议桌"),
        ((" 笔记本电脑 ", "联想  昭阳", "K4e"), "笔记本电脑 联想 昭阳 K4e"),
    ],
)
def test_a_name_is_made_of_item_brand_and_model(parts, name):
    assert asset_name(*parts) == name


def test_a_name_is_refused_when_it_is_too_long():
    with pytest.raises(InvalidInput) as refused:
        asset_name("仪" * 64, "牌" * 64, "型" * 64)
    assert refused.value.code == "asset.name_too_long"


def test_a_code_is_category_unit_year_and_serial():
    policy = CodingPolicy()
    assert asset_code(policy, "A02020200", "330113007", 2026, 7) == "A02020200-330113007-2026-0007"
    assert asset_code(policy, "A02020200", "330113007", 2026, 12_345) == "A02020200-330113007-2026-12345"


def test_two_series_never_give_one_code():
    policy = CodingPolicy(pattern="{unit}-{serial}", serial_digits=6)
    assert asset_code(policy, "A02020200", "1001", 2026, 5) == "1001-000005"
    assert asset_series(policy, "A02020200", "1001", 2026) == asset_series(policy, "A02010108", "1001", 2027)
    assert asset_series(CodingPolicy(), "A02020200", "1001", 2026) != asset_series(
        CodingPolicy(), "A02020200", "1001", 2027
    )
