"""OpenAPI 3.1 from the registered routes: what the handlers take and give is what the document says."""

import re
from typing import Any

import msgspec

from server.kernel.messages import all_messages
from server.web.routes import ROUTES, Access, Route

_PATH_PART = re.compile(r"<(\w+)(?::[^>]+)?>")
_REF = "#/components/schemas/{name}"
_PROBLEM = {
    "type": "object",
    "required": ["code", "message", "data", "request_id"],
    "properties": {
        "code": {"type": "string", "description": "稳定的错误码"},
        "message": {"type": "string", "description": "给人看的中文说明"},
        "data": {"type": "object", "description": "fields 列出有误的字段"},
        "request_id": {"type": "string"},
    },
}


def build_document(door: str, title: str, version: str) -> dict[str, Any]:
    """The document of one door's routes."""
    routes = [route for route in ROUTES.values() if route.door == door]
    types = [each for route in routes for each in (route.body, route.query, route.answer) if each is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    schema_of = dict(zip(map(_key, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = _PATH_PART.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schema_of, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": "所有写操作须带 Idempotency-Key。"},
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "x-error-codes": all_messages(),
    }


def _key(type_: Any) -> str:
    return repr(type_)


def _operation(route: Route, schema_of: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z0-9]+', '_', route.path.lower()).strip('_')}",
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route, schema_of, components),
        "responses": {
            str(route.status): _answer(route, schema_of),
            "default": {
                "description": "出错时的信封",
                "content": {"application/json": {"schema": {"$ref": _REF.format(name="Problem")}}},
            },
        },
        "security": [] if route.access is Access.PUBLIC else [{"bearer": []}],
    }
    if route.is_upload:
        operation["requestBody"] = _upload()
    elif route.body is not None:
        content = {"application/json": {"schema": schema_of[_key(route.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(route: Route, schema_of: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_PART.findall(route.path)
    ]
    if route.method != "GET":
        pattern = "^[A-Za-z0-9._-]{8,64}$"
        key = {"name": "Idempotency-Key", "in": "header", "required": True}
        found.append({**key, "schema": {"type": "string", "pattern": pattern}})
    if route.query is not None:
        schema = components[schema_of[_key(route.query)]["$ref"].rpartition("/")[2]]
        for name, field in schema.get("properties", {}).items():
            required = name in schema.get("required", [])
            found.append({"name": name, "in": "query", "required": required, "schema": field})
    return found


def _answer(route: Route, schema_of: dict[str, Any]) -> dict[str, Any]:
    if route.answer is bytes:
        return {"description": "文件", "content": {"application/octet-stream": {}}}
    envelope = {
        "type": "object",
        "required": ["code", "message", "data", "request_id"],
        "properties": {
            "code": {"const": "ok"},
            "message": {"type": "string"},
            "data": {"type": "null"} if route.answer is None else schema_of[_key(route.answer)],
            "request_id": {"type": "string"},
        },
    }
    return {"description": "成功", "content": {"application/json": {"schema": envelope}}}


def _upload() -> dict[str, Any]:
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
