"""What the last write did, carried over the redirect in a signed cookie and shown once."""

import base64
import binascii
import hashlib
import hmac

import msgspec
from sanic import HTTPResponse, Request

from server.web.pages import Flash

FLASH_COOKIE = "gwc_flash"
_SECONDS = 120


def set_flash(request: Request, response: HTTPResponse, flash: Flash) -> None:
    """Have `flash` shown on the next page."""
    body = base64.urlsafe_b64encode(msgspec.json.encode([flash])).decode()
    response.add_cookie(
        FLASH_COOKIE,
        f"{_signature(request, body)}.{body}",
        httponly=True,
        samesite="Lax",
        path="/",
        max_age=_SECONDS,
        secure=request.app.ctx.settings_is_secure,
    )


def read_flashes(request: Request) -> tuple[Flash, ...]:
    """What is to be shown now; a cookie that is not ours shows nothing."""
    signature, _, body = (request.cookies.get(FLASH_COOKIE) or "").partition(".")
    if not body or not _is_ours(request, signature, body):
        return ()
    try:
        return tuple(msgspec.json.decode(base64.urlsafe_b64decode(body), type=list[Flash]))
    except (binascii.Error, msgspec.DecodeError):
        return ()


def clear_flashes(request: Request, response: HTTPResponse) -> None:
    """They have been shown."""
    response.delete_cookie(FLASH_COOKIE, path="/")


def _is_ours(request: Request, signature: str, body: str) -> bool:
    # Both are plain text where we made them; a cookie with odd bytes in it was not made by us.
    return (
        signature.isascii()
        and body.isascii()
        and hmac.compare_digest(signature.encode(), _signature(request, body).encode())
    )


def _signature(request: Request, body: str) -> str:
    key: bytes = request.app.ctx.form_key
    return hmac.new(key, b"flash|" + body.encode(), hashlib.sha256).hexdigest()
