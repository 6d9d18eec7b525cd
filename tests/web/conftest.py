"""The build that these tests look at is the product's own, brought up to date once."""

from collections.abc import AsyncIterator

import httpx
import pytest

from scripts import build_static
from server.settings import Settings
from server.web import assets
from tests.support.http import served


@pytest.fixture(scope="session", autouse=True)
def built_static() -> None:
    if build_static.is_stale():
        build_static.build()
    assets.store.cache_clear()


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole product, started."""
    async with served(settings) as client:
        yield client
