"""The wanted board: posts within reach, answers, suggestions now and later, and how a post ends."""

from collections import Counter

import pytest

from server.assets import handlers as asset_handlers
from server.circulation.commands import close_listing
from server.circulation.wanted import handlers, jobs
from server.circulation.wanted.commands import close_wanted, expire_wanted, offer_thing, post_wanted
from server.circulation.wanted.queries import closable_view, list_wanted, offerable, wanted_view
from server.circulation.wanted.types import CloseWanted, OfferThing, PostWanted, WantedDetail
from server.identity.commands import HandOver, hand_over
from server.identity.models import Unit
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor, system_actor
from server.kernel.errors import InvalidInput
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.factories.assets import DESK, PROJECTOR, make_card
from tests.factories.circulation import Hall, make_listed_projector
from tests.factories.identity import make_actor
from tests.identity.asking import outcomes, refusal_code, refused
from tests.support.meanwhile import while_finishing

REGISTERED = (asset_handlers, handlers, jobs)


async def post(actor: Actor, **changes: object) -> WantedDetail:
    values: dict[str, object] = {"title": "投影仪", "quantity": 2, "category_code": PROJECTOR, "days": 5}
    return await post_wanted(actor, PostWanted(**{**values, **changes}))  # type: ignore[arg-type]


def answer(posted: WantedDetail, words: str = "我们有", listing_id: str | None = None) -> OfferThing:
    return OfferThing(wanted_id=posted.id, words=words, listing_id=listing_id)


async def notices(person_id: str | None) -> Counter[str]:
    async with reading() as db:
        rows = await db.fetch_all("SELECT title FROM notice WHERE person_id = ?", person_id)
    return Counter(row["title"] for row in rows)


async def suggested() -> set[str]:
    async with reading() as db:
        return {row["wanted_id"] for row in await db.fetch_all("SELECT wanted_id FROM wanted_suggestion")}


async def deliver() -> None:
    while await deliver_due():
        pass


# Suggestions


async def test_what_fits_is_shown_at_once_when_a_need_is_posted(hall: Hall) -> None:
    posted = await post(hall.borrower)
    assert [hit.asset_id for hit in posted.hits] == [hall.projector.id]
    by_name = await post(hall.borrower, category_code="", title="爱普生")
    assert [hit.asset_id for hit in by_name.hits] == [hall.projector.id]
    assert (await post(hall.borrower, category_code=DESK, title="办公桌")).hits == []


async def test_poster_is_told_once_when_something_fitting_is_listed_later(hall: Hall) -> None:
    await deliver()
    posted = await post(hall.borrower)
    named = await post(hall.approver, category_code="", title="投影")
    await post(hall.borrower, category_code=DESK, title="办公桌")
    await post(hall.lender)
    _, listing = await make_listed_projector(hall.ledger)
    await deliver()
    assert (await notices(hall.borrower.person_id))["您要的东西有了"] == 1
    assert (await notices(hall.approver.person_id))["您要的东西有了"] == 1
    assert (await notices(hall.lender.person_id))["您要的东西有了"] == 0
    # Handed out again: nobody hears it twice.
    async with unit_of_work(system_actor("test")) as uow:
        await jobs.suggest_listing(uow, {"listing_id": listing.id})
    assert await suggested() == {posted.id, named.id}


async def test_nobody_is_told_when_the_thing_is_out_of_reach_gone_or_no_more_wanted(hall: Hall) -> None:
    # The hall's projector was listed before, but nobody has heard of it yet.
    far = await make_actor("叶军", hall.ledger.city.xihu_education, Role.BORROWER)
    await post(far)
    closed = await post(hall.borrower)
    await close_wanted(hall.borrower, CloseWanted(wanted_id=closed.id, is_met=True, note="借到了"))
    await make_listed_projector(hall.ledger, reach="district")
    _, gone = await make_listed_projector(hall.ledger)
    await close_listing(hall.lender, gone.id, "借出")
    await deliver()
    assert await suggested() == set()


# The board


async def test_posts_are_seen_within_their_reach_and_by_ones_own(hall: Hall) -> None:
    city = await post(hall.borrower)
    district = await post(hall.borrower, reach="district")
    far = await make_actor("叶军", hall.ledger.city.xihu_education, Role.ASSET_MANAGER)
    assert {row.id for row in (await list_wanted(hall.lender)).items} == {city.id, district.id}
    assert {row.id for row in (await list_wanted(far)).items} == {city.id}
    assert await refusal_code(wanted_view(far, district.id)) == "wanted.not_found"
    assert await refusal_code(offer_thing(far, answer(district))) == "wanted.not_found"
    closing = CloseWanted(wanted_id=district.id, is_met=True, note="不相干的人")
    assert await refusal_code(close_wanted(far, closing)) == "wanted.not_found"
    assert (await list_wanted(far, "unit")).items == []
    assert (await list_wanted(hall.lender, text="会议")).items == []
    page = await list_wanted(hall.lender, size=1)
    assert page.next_cursor and len((await list_wanted(hall.lender, cursor=page.next_cursor, size=1)).items) == 1
    assert await refusal_code(list_wanted(hall.lender, "all")) == "input.not_a_choice"  # type: ignore[arg-type]
    # Nor does whoever is out of reach hear that it was closed.
    await close_wanted(hall.borrower, CloseWanted(wanted_id=district.id, is_met=True, note="已借到"))
    assert await refusal_code(offer_thing(far, answer(district))) == "wanted.not_found"


async def test_answers_are_for_the_unit_that_posted_and_their_own(hall: Hall) -> None:
    posted = await post(hall.borrower)
    await offer_thing(hall.lender, answer(posted, "一台可借", hall.listing.id))
    far = await make_actor("叶军", hall.ledger.city.xihu_education, Role.ASSET_MANAGER)
    await offer_thing(far, answer(posted, "两台闲置，可调剂"))
    mine = await wanted_view(hall.borrower, posted.id)
    assert [offer.unit_name for offer in mine.offers] == ["杭州市临平区卫生健康局", "杭州市西湖区教育局"]
    assert mine.offers[0].listing_name == hall.projector.name
    theirs = await wanted_view(hall.lender, posted.id)
    assert [offer.words for offer in theirs.offers] == ["一台可借"]
    assert (theirs.hits, theirs.can_offer, theirs.can_close) == ([], False, False)
    assert (await notices(hall.borrower.person_id))["有单位应答了您的需求"] == 2


async def test_answer_is_refused_when_it_is_ones_own_a_second_or_too_late(hall: Hall) -> None:
    posted = await post(hall.borrower)
    assert await refusal_code(offer_thing(hall.approver, answer(posted))) == "wanted.own"
    told = await outcomes(offer_thing(hall.lender, answer(posted)) for _ in range(4))
    assert told == {"done": 1, "wanted.already_offered": 3}
    borrower = await make_actor("钱文华", hall.ledger.city.health, Role.BORROWER)
    assert await refusal_code(offer_thing(borrower, answer(posted))) == "role.required"
    await close_wanted(hall.borrower, CloseWanted(wanted_id=posted.id, is_met=False, note="不要了"))
    far = await make_actor("叶军", hall.ledger.city.xihu_education, Role.ASSET_MANAGER)
    assert await refusal_code(offer_thing(far, answer(posted))) == "wanted.closed"


async def test_post_is_not_answered_when_it_is_being_closed(hall: Hall, settings: Settings) -> None:
    posted = await post(hall.borrower)
    closing = CloseWanted(wanted_id=posted.id, is_met=False, note="不要了")
    found = await while_finishing(
        settings, lambda: close_wanted(hall.borrower, closing), lambda: offer_thing(hall.lender, answer(posted))
    )
    assert found == ("done", "wanted.closed")


async def test_offered_thing_is_ones_own_and_on_the_board(hall: Hall) -> None:
    posted = await post(hall.borrower, title="办公桌", category_code=DESK)
    far = await make_actor("叶军", hall.ledger.city.xihu_education, Role.ASSET_MANAGER)
    for actor, listing_id in ((far, hall.listing.id), (hall.lender, "0000000000000000")):
        error = await refused(offer_thing(actor, answer(posted, "这件", listing_id)))
        assert isinstance(error, InvalidInput) and error.fields[0].code == "wanted.listing_unknown"
    assert [id_ for id_, _ in await offerable(hall.lender)] == [hall.listing.id]
    assert await offerable(far) == []


# How it ends


async def test_post_is_closed_once_with_how_when_its_poster_says_so(hall: Hall) -> None:
    posted = await post(hall.borrower)
    await offer_thing(hall.lender, answer(posted))
    closing = CloseWanted(wanted_id=posted.id, is_met=True, note="向区卫健局借到一台")
    assert await refusal_code(close_wanted(hall.lender, closing)) == "wanted.not_found"
    accountant = await make_actor("孔静", hall.ledger.city.culture, Role.UNIT_ACCOUNTANT)
    assert await refusal_code(close_wanted(accountant, closing)) == "role.required"
    told = await outcomes(close_wanted(actor, closing) for actor in (hall.borrower, hall.approver) * 2)
    assert told == {"done": 1, "wanted.closed": 3}
    ended = await wanted_view(hall.lender, posted.id)
    assert (ended.state_name, ended.closed_note) == ("已解决", "向区卫健局借到一台")
    assert (await list_wanted(hall.lender)).items == []
    assert await refusal_code(closable_view(hall.borrower, posted.id)) == "wanted.closed"
    assert await refusal_code(closable_view(hall.lender, posted.id)) == "wanted.not_found"
    assert await refusal_code(closable_view(accountant, posted.id)) == "role.required"
    assert (await notices(hall.lender.person_id))["您应答的需求已解决"] == 1
    nothing = CloseWanted(wanted_id="0" * 16, is_met=True, note="没有")
    assert await refusal_code(close_wanted(hall.borrower, nothing)) == "wanted.not_found"


async def test_post_is_closed_once_when_two_close_it(hall: Hall, settings: Settings) -> None:
    posted = await post(hall.borrower)
    closing = CloseWanted(wanted_id=posted.id, is_met=False, note="不要了")
    found = await while_finishing(
        settings, lambda: close_wanted(hall.borrower, closing), lambda: close_wanted(hall.approver, closing)
    )
    assert found == ("done", "wanted.closed")


async def test_post_ends_by_itself_after_its_last_day(hall: Hall, go_to_day) -> None:
    posted = await post(hall.borrower)
    go_to_day(60)
    await jobs.expire_posts()
    assert (await wanted_view(hall.borrower, posted.id)).state == "open"
    assert await refusal_code(expire_wanted(system_actor("wanted"), posted.id)) == "wanted.closed"
    go_to_day(61)
    assert await refusal_code(expire_wanted(hall.borrower, posted.id)) == "role.required"
    await jobs.expire_posts()
    await jobs.expire_posts()
    assert (await wanted_view(hall.borrower, posted.id)).state_name == "已到期"
    assert (await notices(hall.borrower.person_id))["您发布的需求已到期"] == 1


async def test_posts_are_handed_over_when_their_poster_leaves(hall: Hall) -> None:
    posted = await post(hall.borrower)
    await make_card(hall.approver, hall.ledger.culture_room, custodian_id=hall.borrower.person_id)
    heir = await make_actor("吴芳", hall.ledger.city.culture, Role.BORROWER)
    assert hall.borrower.person_id and heir.person_id
    await hand_over(hall.approver, HandOver(hall.borrower.person_id, heir.person_id, "调离"))
    assert (await wanted_view(heir, posted.id)).can_close
    assert not (await wanted_view(hall.borrower, posted.id)).can_close


async def test_nothing_is_posted_or_offered_for_a_unit_that_has_ended(hall: Hall) -> None:
    posted = await post(hall.borrower)
    async with unit_of_work(system_actor("test")) as uow:
        for actor in (hall.borrower, hall.lender):
            await uow.change(Unit, {"id": actor.unit_id}, is_active=False)
    assert await refusal_code(post(hall.borrower)) == "wanted.unit_inactive"
    assert await refusal_code(offer_thing(hall.lender, answer(posted))) == "wanted.unit_inactive"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title": "x"}, "title", "input.too_short"),
        ({"title": "长" * 65}, "title", "input.too_long"),
        ({"note": "看不见\x00的"}, "note", "input.control_character"),
        ({"quantity": 0}, "quantity", "wanted.quantity"),
        ({"days": None}, "days", "wanted.days"),
        ({"days": 3651}, "days", "wanted.days"),
        ({"is_permanent": True}, "days", "wanted.days_of_permanent"),
        ({"category_code": "A09999999"}, "category_code", "category.not_found"),
        ({"reach": "world"}, "reach", "input.not_a_choice"),
    ],
)
async def test_field_is_named_when_a_post_is_wrong(hall: Hall, changes, field, code) -> None:
    error = await refused(post(hall.borrower, **changes))
    assert isinstance(error, InvalidInput) and [(f.field, f.code) for f in error.fields] == [(field, code)]
    accountant = await make_actor("孔静", hall.ledger.city.culture, Role.UNIT_ACCOUNTANT)
    assert await refusal_code(post(accountant)) == "role.required"
