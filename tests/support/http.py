"""The product over HTTP in this process: people with real sessions, and every JSON answer held against the document."""

import functools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from server.app import create_app
from server.identity.limits import limits_for
from server.identity.models import Session
from server.identity.sessions import MINI, new_token, open_session
from server.kernel.actor import Actor, system_actor
from server.kernel.ids import new_id
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from server.web.openapi import build_document
from tests.support.asgi import asgi_client
from tests.support.schema import faults

MINI_PREFIX = "/mini/v1"


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole product started, and a client on it; commands work in this process too."""
    async with asgi_client(create_app(settings, name=f"gwc_{new_id()}")) as client:
        yield client


async def signed_in(actor: Actor, channel: str = MINI) -> str:
    """The token of a new session of `actor`'s person for `actor`'s unit, as it is after every factor was given."""
    assert actor.person_id is not None
    made = new_token()
    async with unit_of_work(system_actor("test")) as uow:
        await open_session(
            uow,
            made,
            person_id=actor.person_id,
            unit_id=actor.unit_id,
            channel=channel,
            user_agent="test",
            limits=await limits_for(uow, actor.region_path),
        )
        await uow.change(Session, {"id": made.id}, has_second_factor=True)
    return made.token


@functools.cache
def _document() -> dict[str, Any]:
    return build_document("mini", "test", "1")


class Caller:
    """Somebody with a phone. Paths are below `/mini/v1`; each JSON answer must be what the document promises."""

    def __init__(self, client: httpx.AsyncClient, token: str | None = None) -> None:
        self.client = client
        self.token = token
        self._document = _document()

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Read."""
        return await self.send("GET", path, params=query)

    async def post(self, path: str, body: Any = None, *, key: str | None = None, **options: Any) -> httpx.Response:
        """Write, under a key of its own unless one is given."""
        return await self.send("POST", path, json=body, headers={"Idempotency-Key": key or new_id()}, **options)

    async def upload(self, path: str, content: bytes, *, key: str | None = None) -> httpx.Response:
        """Send a picture as a phone does."""
        files = {"file": ("照片.jpg", content, "image/jpeg")}
        return await self.send("POST", path, files=files, headers={"Idempotency-Key": key or new_id()})

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request, its answer held against the document."""
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = await self.client.request(method, MINI_PREFIX + path, headers=headers, **options)
        self.check(method, answer)
        return answer

    def check(self, method: str, answer: httpx.Response) -> None:
        """Fail where a JSON answer is not what the document says of its address, method and status."""
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return
        body = answer.json()
        operation = self._operation(method, answer.request.url.path)
        promised = (operation or {"responses": {}})["responses"].get(str(answer.status_code))
        if promised is None:
            schema = {"$ref": "#/components/schemas/Problem"}
            assert answer.status_code >= 400, (answer.status_code, "is not in the document")
        else:
            schema = promised.get("content", {}).get("application/json", {}).get("schema", {})
        assert not (found := faults(body, schema, self._document)), found
        assert body["request_id"] == answer.headers["x-request-id"]

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        fitting = [
            operations[method.lower()]
            for template, operations in self._document["paths"].items()
            if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        ]
        # `/approvals/pending-count` fits `/approvals/{id}` too; the one without a placeholder is meant.
        return min(fitting, key=lambda operation: str(operation["operationId"]).count("_id"), default=None)


def data_of(answer: httpx.Response, status: int = 200) -> Any:
    """What a good answer carries."""
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def code_of(answer: httpx.Response, status: int) -> str:
    """The code of a refusal."""
    assert answer.status_code == status, answer.text
    code: str = answer.json()["code"]
    return code


def fields_of(answer: httpx.Response) -> dict[str, str]:
    """The wrong fields of a refusal, with their codes."""
    return {problem["field"]: problem["code"] for problem in answer.json()["data"]["fields"]}
