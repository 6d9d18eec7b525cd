"""The document says what the handlers do. (Every answer in this folder's tests is held against it too.)"""

import json
import re
from typing import Any

import httpx

from server.kernel.messages import all_messages
from server.web.routes import ROUTES, Access
from tests.support.schema import resolve


async def test_document_is_openapi_when_it_is_fetched(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/json")
    document = answer.json()
    assert document["openapi"].startswith("3.1.") and document["info"]["title"] and document["info"]["version"]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"] and operation["tags"] and operation["responses"]
        assert all(each["in"] in {"path", "query", "header"} and each["schema"] for each in operation["parameters"])
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)):
        assert resolve(document, reference)


async def test_every_route_is_in_the_document_with_what_it_takes_and_gives(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    mine = [route for route in ROUTES.values() if route.door == "mini"]
    assert len(mine) == sum(len(path) for path in document["paths"].values())
    for route in mine:
        operation = document["paths"][re.sub(r"<(\w+)>", r"{\1}", route.path)][route.method.lower()]
        assert str(route.status) in operation["responses"] and "default" in operation["responses"]
        assert ("requestBody" in operation) == (route.body is not None or route.is_upload)
        assert (operation["security"] == []) == (route.access is Access.PUBLIC)
        names = {each["name"] for each in operation["parameters"]}
        assert set(re.findall(r"<(\w+)>", route.path)) <= names
        assert ("Idempotency-Key" in names) == (route.method != "GET")


async def test_every_code_has_a_sentence_in_the_document(client: httpx.AsyncClient) -> None:
    codes: dict[str, Any] = (await client.get("/openapi.json")).json()["x-error-codes"]
    assert codes == all_messages()
    assert all(re.search("[\u4e00-\u9fff]", sentence) for sentence in codes.values())


async def test_reading_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/openapi")
    assert page.status_code == 200 and "/mini/v1/borrowings" in page.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded and all(not re.match(r"^(https?:)?//", address) for address in loaded)
