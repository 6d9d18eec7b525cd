"""The product over HTTP, with one projector of the health office in the hall."""

from collections.abc import AsyncIterator

import httpx
import pytest

from server.settings import Settings
from tests.factories.circulation import Hall, make_hall
from tests.storefront.visitor import Visitor
from tests.support.http import served


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with served(settings) as client:
        yield client


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    return await make_hall()


@pytest.fixture
async def borrower(client: httpx.AsyncClient, hall: Hall) -> Visitor:
    """李晓梅 of 区文广旅体局."""
    return await Visitor.of(client, hall.borrower)


@pytest.fixture
async def approver(client: httpx.AsyncClient, hall: Hall) -> Visitor:
    """赵国强, asset manager of 区文广旅体局."""
    return await Visitor.of(client, hall.approver)
