"""The district's board over HTTP: who asks is a fixture."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from server.identity.roles import Role
from server.settings import Settings
from tests.factories.circulation import Hall, make_hall
from tests.factories.identity import make_actor
from tests.support.http import Caller, served, signed_in


@dataclass(frozen=True, slots=True)
class Town:
    """A hall with people at their phones.

    `borrower` and `approver` 区文广旅体局, `lender` 区卫健局 (asset manager), `keeper` of the district's warehouse,
    `stranger` asset manager and `visitor` borrower of another district's education bureau, `nobody` without a session.
    """

    hall: Hall
    client: httpx.AsyncClient
    borrower: Caller
    approver: Caller
    lender: Caller
    keeper: Caller
    stranger: Caller
    visitor: Caller
    nobody: Caller


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole product, started."""
    async with served(settings) as client:
        yield client


@pytest.fixture
async def town(client: httpx.AsyncClient) -> Town:
    """A projector on the board, and everybody signed in."""
    hall = await make_hall()
    stranger = await make_actor("周建军", hall.ledger.city.xihu_education, Role.ASSET_MANAGER)
    visitor = await make_actor("吴晓燕", hall.ledger.city.xihu_education, Role.BORROWER)
    people = (hall.borrower, hall.approver, hall.lender, hall.ledger.keeper, stranger, visitor)
    callers = [Caller(client, await signed_in(actor)) for actor in people]
    first, second, third, fourth, fifth, sixth = callers
    return Town(hall, client, first, second, third, fourth, fifth, sixth, Caller(client))
