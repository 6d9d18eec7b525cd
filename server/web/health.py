"""Whether this process lives, whether it can work, and its figures."""

import asyncio
import hmac
import shutil
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json, text

from server.kernel.errors import DomainError, NotFound
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.settings import Settings
from server.web import metrics
from server.web.routes import Access, Route, methods_of, register_route

_READY_SECONDS = 2.0
# A few uploads and the log that a database writes ahead.
_LEAST_FREE_BYTES = 32 * 1024 * 1024


def install_health(app: "Sanic[Any, Any]", settings: Settings) -> None:
    """Add `/healthz`, `/readyz` and `/metrics`."""

    async def healthz(request: Request) -> HTTPResponse:
        return json({"status": "ok"})

    async def readyz(request: Request) -> HTTPResponse:
        checks = await _checks() | {"disk": _disk(settings.data_dir)}
        status = 200 if checks["database"] == checks["disk"] == "ok" else 503
        return json({"status": "ok" if status == 200 else "unavailable", "checks": checks}, status=status)

    async def figures(request: Request) -> HTTPResponse:
        if not _may_read_metrics(request, settings):
            raise NotFound("request.not_found")
        return text(metrics.text(await _gauges()), content_type="text/plain; version=0.0.4; charset=utf-8")

    for path, handler, summary in (
        ("/healthz", healthz, "进程存活"),
        ("/readyz", readyz, "可以办理业务"),
        ("/metrics", figures, "运行指标"),
    ):
        register_route(Route("GET", path, "web", Access.PUBLIC, summary, "运维"))
        app.add_route(handler, path, methods=methods_of("GET"), name=path.strip("/"))


async def _checks() -> dict[str, str]:
    runtime = current_runtime()
    checks = {"database": "ok", "pubsub": "ok" if runtime.pubsub.is_connected else "disconnected"}
    try:
        async with asyncio.timeout(_READY_SECONDS), reading() as reader:
            await reader.fetch_one("SELECT 1 AS one")
    except (DomainError, TimeoutError):
        checks["database"] = "unavailable"
    return checks


def _disk(folder: Path) -> str:
    """Whether there is room for the next writes: pictures and papers lie in DATA_DIR with either storage."""
    # It is made when the first file comes; until then its disk is that of the folder above.
    there = next((each for each in (folder.absolute(), *folder.absolute().parents) if each.exists()), folder)
    try:
        return "ok" if shutil.disk_usage(there).free >= _LEAST_FREE_BYTES else "full"
    except OSError:
        return "unavailable"


async def _gauges() -> dict[str, float]:
    async with reading() as reader:
        waiting = await reader.fetch_one("SELECT COUNT(*) AS number FROM outbox_event WHERE delivered_at IS NULL")
        unsealed = await reader.fetch_one("SELECT COUNT(*) AS number FROM audit_event WHERE sequence IS NULL")
    return {
        "gwc_outbox_waiting": waiting["number"] if waiting else 0,
        "gwc_audit_unsealed": unsealed["number"] if unsealed else 0,
    }


def _may_read_metrics(request: Request, settings: Settings) -> bool:
    if settings.metrics_token:
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(sent.encode(errors="surrogateescape"), settings.metrics_token.encode())
    # Behind a proxy every request seems to come from this machine, so there a token is needed.
    return not settings.is_behind_proxy and request.ip in {"127.0.0.1", "::1", ""}
