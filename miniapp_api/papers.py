"""Answers that are files: papers as PDF, stored pictures. Never kept by anybody between us and the client."""

from urllib.parse import quote

from sanic import HTTPResponse, Request

from server.settings import Settings


def paper(content: bytes, name: str) -> HTTPResponse:
    """A PDF to open or save as `name` (may be Chinese, RFC 6266)."""
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HTTPResponse(content, content_type="application/pdf", headers=headers)


def site_of(request: Request) -> str:
    """The product's public address, for the codes printed on papers."""
    settings: Settings = request.app.ctx.settings
    return settings.public_url
