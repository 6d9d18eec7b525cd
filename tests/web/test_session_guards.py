"""A session counts at the door it was opened for, and at no other."""

import httpx

from server.identity.roles import Role
from server.identity.sessions import MINI, WEB
from server.web.sessions import SESSION_COOKIE
from tests.factories.identity import make_actor, make_city
from tests.support.http import signed_in


async def test_token_of_one_door_opens_nothing_at_the_other(client: httpx.AsyncClient) -> None:
    actor = await make_actor("李晓梅", (await make_city()).culture, Role.BORROWER)
    browser, phone = await signed_in(actor, WEB), await signed_in(actor, MINI)
    asked = {
        token: (
            (await client.get("/me", headers={"Cookie": f"{SESSION_COOKIE}={token}"})).status_code,
            (await client.get("/mini/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code,
        )
        for token in (browser, phone, "nobodys-token-1234567890")
    }
    assert list(asked.values()) == [(200, 401), (303, 200), (303, 401)]
