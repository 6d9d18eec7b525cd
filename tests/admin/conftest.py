"""The desk over HTTP: a hall with one projector of the health office, and its staff at their browsers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from scripts import build_static
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.settings import Settings
from server.web import assets
from tests.factories.circulation import Hall, make_hall
from tests.factories.identity import make_actor
from tests.storefront.visitor import Visitor
from tests.support.http import served


@dataclass(frozen=True, slots=True)
class Office:
    """Who works at the desk. `lender` manages the health office's assets, `approver` the culture office's; `keeper`
    keeps the district's warehouse, `operator` runs it; then the three administrators, over the whole tree."""

    hall: Hall
    lender: Visitor
    approver: Visitor
    keeper: Visitor
    operator: Visitor
    borrower: Visitor
    system: Visitor
    security: Visitor
    auditor: Visitor
    actors: dict[str, Actor]


@pytest.fixture(scope="session", autouse=True)
def built_static() -> None:
    if build_static.is_stale():
        build_static.build()
    assets.store.cache_clear()


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with served(settings) as client:
        yield client


@pytest.fixture
async def office(client: httpx.AsyncClient) -> Office:
    hall = await make_hall()
    city = hall.ledger.city.city
    actors = {
        "lender": hall.lender,
        "approver": hall.approver,
        "keeper": hall.ledger.keeper,
        "operator": hall.ledger.operator,
        "borrower": hall.borrower,
        "system": await make_actor("何志明", city, Role.SYSTEM_ADMIN, is_subtree=True),
        "security": await make_actor("许文静", city, Role.SECURITY_ADMIN, is_subtree=True),
        "auditor": await make_actor("沈建华", city, Role.AUDIT_ADMIN, is_subtree=True),
    }
    visitors = {name: await Visitor.of(client, actor) for name, actor in actors.items()}
    return Office(hall=hall, actors=actors, **visitors)
