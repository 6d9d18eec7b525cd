"""Putting things into the basket one after the other, and applying for all of them at once."""

import httpx

from server.circulation.queries import list_basket, list_borrowings
from server.identity.roles import Role
from tests.factories.circulation import Hall, day, make_borrowing, make_chairs, make_listed
from tests.factories.identity import make_actor
from tests.storefront.visitor import Visitor


async def test_each_lender_gets_an_application_when_the_basket_is_sent(client: httpx.AsyncClient, hall: Hall) -> None:
    teacher = await make_actor("何洁", hall.ledger.city.school, Role.BORROWER)
    visitor = await Visitor.of(client, teacher)
    made = await make_chairs(hall.ledger, 3)
    camera, _ = await make_listed(hall.ledger.culture_manager, hall.ledger.culture_room, item_name="照相机")
    assert "清单是空的" in (await visitor.get("/basket")).words
    for name, quantity in ((made[0].name, "2"), (hall.projector.name, ""), (camera.name, "")):
        thing = await visitor.get((await visitor.get("/sharing")).link(name))
        address = next(form.action for form in thing.forms if form.action.endswith("/basket"))
        typed = {"quantity": quantity} if quantity else {}
        done = await visitor.follow(await visitor.submit(thing, address, **typed))
        assert "已放进借用清单" in done.words
    page = await visitor.get("/basket")
    assert "分属 2 个出借方" in page.words
    assert "2 件（同款共 3 件）" in page.words
    empty = await visitor.submit(page, "/basket/application", purpose="")
    assert "借用事由：请填写此项。" in empty.words
    sent = await visitor.follow(await visitor.submit(page, "/basket/application", purpose="教师培训"))
    assert "各成一张借用单" in sent.words
    rows = (await list_borrowings(teacher, "mine")).items
    assert sorted((row.thing, row.piece_count) for row in rows) == [
        (f"{made[0].name} 2 件、{hall.projector.name}", 3),
        (camera.name, 1),
    ]
    assert await list_basket(teacher) == []


async def test_nothing_is_lost_when_the_basket_cannot_be_had(hall: Hall, borrower: Visitor) -> None:
    made = await make_chairs(hall.ledger, 2)
    await make_borrowing(hall, 1, 1)
    for card, quantity in ((hall.projector, ""), (made[0], "2")):
        thing = await borrower.get((await borrower.get("/sharing")).link(card.name))
        address = next(form.action for form in thing.forms if form.action.endswith("/basket"))
        await borrower.submit(thing, address, **({"quantity": quantity} if quantity else {}))
    page = await borrower.get("/basket")
    refused = await borrower.submit(
        page, "/basket/application", from_day=day(0).isoformat(), to_day=day(2).isoformat(), purpose="文艺汇演"
    )
    assert refused.status == 409
    assert "已被预约" in refused.words
    assert refused.form("/basket/application").values["purpose"] == "文艺汇演"
    assert len((await list_borrowings(hall.borrower, "mine")).items) == 1
    gone = await borrower.submit(refused, "/basket/removal")
    left = await borrower.follow(gone)
    assert "已移出清单" in left.words
    assert len(await list_basket(hall.borrower)) == 1
    # The rest was taken out on another device meanwhile.
    await borrower.submit(left, "/basket/removal")
    late = await borrower.submit(
        left, "/basket/application", from_day=day(0).isoformat(), to_day=day(0).isoformat(), purpose="文艺汇演"
    )
    assert (late.status, "清单是空的" in late.words) == (409, True)
