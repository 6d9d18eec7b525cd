"""What a district's event is to the years of those who take part in it, to the fen."""

import csv
import io
import re

from playwright.async_api import expect

from tests.journeys.person import Person

PATIENCE = 60_000  # milliseconds: the background works at its own pace
# What the twenty chairs, the two projectors and the frame of the ledgers cost, in fen.
CHAIRS_FEN, PROJECTORS_FEN, FRAME_FEN = 720_550, 799_811, 128_005
LOST_FEN = 36_028
# The ceilings of the city's allocation standard.
CHAIR_STANDARD_FEN, PROJECTOR_STANDARD_FEN = 80_000, 1_000_000


def lent(pieces: int, value_fen: int) -> dict[str, int]:
    """What one loan of a day is to the year of its lender, who put the things on the board this year too."""
    return {
        "借出笔数": 1,
        "借出件数": pieces,
        "借出件·天": pieces,
        "借出资产原值": value_fen,
        "上架共享件数": pieces,
        "上架共享原值": value_fen,
    }


SAVED_FEN = 20 * CHAIR_STANDARD_FEN + 2 * PROJECTOR_STANDARD_FEN
BORROWED = {
    "借入笔数": 2,
    "借入件数": 22,
    "借入件·天": 22,
    "借入资产原值": CHAIRS_FEN + PROJECTORS_FEN,
    "不买省下": SAVED_FEN,
    "其中按配置标准价": SAVED_FEN,
    "不必购置件数": 22,
}
# One chair was lost, paid for with two receipts, and written off.
LOST = {
    "出借遗失件数": 1,
    "出借遗失件原值": LOST_FEN,
    "应收赔偿": 123_45,
    "已收赔偿": 123_45,
    "遗失核销件数": 1,
    "遗失核销原值": LOST_FEN,
}
CAUSED = {"借用遗失件数": 1, "借用遗失件原值": LOST_FEN, "应付赔偿": 123_45, "已付赔偿": 123_45}
# By whose page: a lender's, another's, the borrower's, and the whole district's.
EXPECTED = {
    "sunli": {**lent(20, CHAIRS_FEN), **LOST},
    "lina": lent(2, PROJECTORS_FEN),
    "zhouwei": {**BORROWED, **CAUSED},
    "fangmei": {
        **lent(22, CHAIRS_FEN + PROJECTORS_FEN),
        **BORROWED,
        **LOST,
        **CAUSED,
        "借出笔数": 2,
        "上架共享件数": 23,
        "上架共享原值": CHAIRS_FEN + PROJECTORS_FEN + FRAME_FEN,
    },
}


async def year_of(person: Person) -> dict[str, int]:
    """The figures of the year as they are taken along, with the units below where there are any; money in fen."""
    await person.go("/admin/year")
    below = person.page.get_by_role("link", name="含下属单位")
    if await below.count():
        await below.click()
        await expect(person.page.locator("main")).to_contain_text("及下属单位", timeout=PATIENCE)
    link = await person.page.get_by_role("link", name=re.compile("CSV")).get_attribute("href")
    content = (await person.paper(link or "")).decode("utf-8-sig")
    # Yuan are written with both decimals, and nothing else has a point.
    return {row["项目"]: int(row["本年"].replace(".", "")) for row in csv.DictReader(io.StringIO(content))}


def change(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What has become more or less."""
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}
