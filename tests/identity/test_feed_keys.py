"""A calendar address and the end of its person, at the same moment."""

from server.identity.commands import end_feed_key, make_feed_key
from server.kernel.runtime import Runtime
from tests.identity.asking import refusal_code, stored
from tests.identity.office import Office
from tests.support.behind import rewrite
from tests.support.meanwhile import while_finishing


async def test_no_address_is_made_when_its_person_is_being_disabled(office: Office) -> None:
    assert await office.while_disabled(lambda: make_feed_key(office.session)) == "role.required"
    assert await stored("SELECT id FROM feed_key") == []


async def test_address_ends_once_when_two_end_it(office: Office) -> None:
    await make_feed_key(office.session)
    answers = await while_finishing(
        office.settings, lambda: end_feed_key(office.session), lambda: end_feed_key(office.session)
    )
    assert answers == ("done", "feed_key.not_found")


async def test_no_address_is_made_for_who_is_disabled_or_has_left_the_unit(office: Office, runtime: Runtime) -> None:
    for change, back in (
        ("UPDATE person SET is_active = 0 WHERE id = ?", "UPDATE person SET is_active = 1 WHERE id = ?"),
        ("UPDATE post SET is_active = 0 WHERE person_id = ?", "UPDATE post SET is_active = 1 WHERE person_id = ?"),
    ):
        await rewrite(change, office.wang.id)
        assert await refusal_code(make_feed_key(office.session)) == "role.required"
        await rewrite(back, office.wang.id)
    assert await stored("SELECT id FROM feed_key") == []
