"""A calendar address and the end of its person, at the same moment."""

from server.identity.commands import make_feed_key
from tests.identity.office import Office
from tests.identity.test_login_guards import stored


async def test_no_address_is_made_when_its_person_is_being_disabled(office: Office) -> None:
    assert await office.while_disabled(lambda: make_feed_key(office.session)) == "role.required"
    assert await stored("SELECT id FROM feed_key") == []
