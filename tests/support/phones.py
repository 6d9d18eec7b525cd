"""People with phones on a product in processes of its own, who ask again until they are answered."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from server.kernel.ids import new_id
from tests.support.http import Caller, data_of
from tests.support.served import Product, frozen

PATIENCE_SECONDS = 150.0
_PAUSE_SECONDS = 0.05
_TIMEOUT = httpx.Timeout(60.0)
# Made once: a client that makes its own takes 25 ms for it, and a crowd has forty.
_TLS = ssl.create_default_context()


def new_client(product: Product) -> httpx.AsyncClient:
    """A client with connections of its own."""
    return httpx.AsyncClient(base_url=product.base_url, timeout=_TIMEOUT, trust_env=False, verify=_TLS)


class Phone(Caller):
    """A caller with one connection of its own, as a phone has."""

    def __init__(self, product: Product, token: str) -> None:
        super().__init__(new_client(product), token)

    async def insist(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """Send one write under one key until somebody answers it with more than "not now"."""
        key = key or new_id()
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            answer = await self._try(path, body, key)
            if answer is not None and answer.status_code != 503:
                return answer
            said = "nothing" if answer is None else answer.text
            assert asyncio.get_running_loop().time() < deadline, f"{path}: {said} for {PATIENCE_SECONDS} s"
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _try(self, path: str, body: Any, key: str) -> httpx.Response | None:
        try:
            return await self.post(path, body, key=key)
        except httpx.TransportError:
            return None

    async def look(self, path: str, **query: Any) -> httpx.Response:
        """Read until somebody answers."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                answer = await self.get(path, **query)
                if answer.status_code != 503:
                    return answer
            except httpx.TransportError:
                pass
            assert asyncio.get_running_loop().time() < deadline, f"{path}: no answer for {PATIENCE_SECONDS} s"
            await asyncio.sleep(_PAUSE_SECONDS)

    async def task_of(self, borrowing_id: str) -> str:
        """The id of the step of a borrowing that waits for me."""
        query: dict[str, str] = {}
        while True:
            page = data_of(await self.look("/approvals", **query))
            found = [str(task["id"]) for task in page["items"] if task["subject_id"] == borrowing_id]
            if found:
                return found[0]
            assert page["next_cursor"] is not None, f"nothing waits for a decision on {borrowing_id}"
            query = {"cursor": page["next_cursor"]}


@asynccontextmanager
async def phones(product: Product, tokens: list[str]) -> AsyncIterator[list[Phone]]:
    """Phones whose connections are shared out evenly over the product's web processes."""
    held = [Phone(product, token) for token in tokens]
    pids = product.children()
    try:
        for number, pid in enumerate(pids):
            with frozen(*(other for other in pids if other != pid)):
                for phone in held[number :: len(pids)]:
                    (await phone.client.get("/healthz")).raise_for_status()
        yield held
    finally:
        for phone in held:
            await phone.client.aclose()
