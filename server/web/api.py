"""A JSON door: handlers are registered with their types, which parse the request, render the envelope and the OpenAPI.

A handler is `async def name(request, **path, body=…, query=…) -> Answer`; the envelope is
`{code, message, data, request_id}` with the real HTTP status.
"""

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from server.kernel.errors import DomainError, FieldError, InvalidInput
from server.kernel.messages import sentence_for
from server.web.parsing import build, parse_json
from server.web.routes import Access, Route, methods_of, register_route
from server.web.sessions import OF_CLIENTS, actor_for_write, admit, bearer_token, recognise
from server.web.statuses import retry_after, status_of

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])
JSON = "application/json; charset=utf-8"
_encoder = msgspec.json.Encoder()


class Encoded:
    """An answer that is JSON already: for lists kept in the cache."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Api:
    """Routes of one JSON door under `prefix`, authenticated by bearer token."""

    def __init__(self, name: str, prefix: str) -> None:
        self.blueprint = Blueprint(name, url_prefix=prefix)
        self._name = name
        self._prefix = prefix

    def get(
        self,
        path: str,
        *,
        answer: Any,
        summary: str,
        tag: str,
        query: Any = None,
        access: Access = Access.SIGNED_IN,
    ) -> Callable[[Handler], Handler]:
        """Register a read. `query`: a struct of its parameters, all texts converted."""
        return self._register(
            Route("GET", self._prefix + path, self._name, access, summary, tag, query=query, answer=answer), path
        )

    def write(
        self,
        method: str,
        path: str,
        *,
        answer: Any,
        summary: str,
        tag: str,
        body: Any = None,
        access: Access = Access.SIGNED_IN,
        status: int = 200,
        is_upload: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Register a write: it wants an `Idempotency-Key`, and `request.ctx.actor` carries it."""
        route = Route(
            method, self._prefix + path, self._name, access, summary, tag, body, None, answer, is_upload, status
        )
        return self._register(route, path)

    def _register(self, route: Route, path: str) -> Callable[[Handler], Handler]:
        register_route(route)

        def decorate(handler: Handler) -> Handler:
            @functools.wraps(handler)
            async def respond(request: Request, **values: Any) -> HTTPResponse:
                await recognise(request, bearer_token(request), OF_CLIENTS)
                admit(request, route.access)
                answer = await handler(request, **_parsed(request, route, values))
                if isinstance(answer, HTTPResponse):
                    return answer
                return success(request, answer, route.status)

            self.blueprint.add_route(respond, path, methods=methods_of(route.method), name=handler.__name__)
            return handler

        return decorate


def _parsed(request: Request, route: Route, values: dict[str, Any]) -> dict[str, Any]:
    if route.method != "GET":
        request.ctx.actor = actor_for_write(request, request.headers.get("idempotency-key"))
    if route.query is not None:
        values["query"] = parse_query(request, route.query)
    if route.body is not None and not route.is_upload:
        if request.headers.get("content-type", "").startswith("multipart/"):
            # It would be measured as an upload, which may be larger.
            raise InvalidInput("request.unsupported_type")
        values["body"] = parse_json(request.body, route.body)
    return values


def parse_query(request: Request, type_: Any) -> Any:
    """The query string as a struct; an empty parameter is an absent one."""
    if not request.query_string:
        return _without_parameters(type_)
    raw: Mapping[str, str] = {name: values[0] for name, values in request.args.items() if values[0].strip() != ""}
    return build(raw, type_, is_strict=False)


@functools.cache
def _without_parameters(type_: Any) -> Any:
    # The plain list is the most asked-for page; its struct is frozen, so one serves all.
    return build({}, type_, is_strict=False)


def success(request: Request, answer: Any, status: int = 200) -> HTTPResponse:
    """The envelope of a good answer."""
    data = answer.data if isinstance(answer, Encoded) else _encoder.encode(answer)
    # Joined by hand: a cached list is not decoded only to be encoded again around its request id.
    body = b'{"code":"ok","message":"","data":%b,"request_id":"%b"}' % (data, request.ctx.request_id.encode())
    return HTTPResponse(body, status=status, content_type=JSON)


def failure(request: Request, error: DomainError) -> HTTPResponse:
    """The envelope of a refusal, with its fields where some were wrong."""
    data: dict[str, Any] = dict(error.data)
    if isinstance(error, InvalidInput) and error.fields:
        data["fields"] = [field_problem(field) for field in error.fields]
    body = {
        "code": error.code,
        "message": sentence_for(error),
        "data": data,
        "request_id": getattr(request.ctx, "request_id", ""),
    }
    seconds = retry_after(error)
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return HTTPResponse(_encoder.encode(body), status=status_of(error), content_type=JSON, headers=headers)


def field_problem(field: FieldError) -> dict[str, Any]:
    """One wrong field as clients see it."""
    return {"field": field.field, "code": field.code, "message": sentence_for(field)}
