"""A picture that came with a form: stored before the thing it belongs to is changed."""

from sanic import Request

from server.files.commands import store_picture
from server.files.types import Visibility
from server.kernel.actor import Actor
from server.web.forms import uploaded_file


async def stored_picture(
    request: Request, actor: Actor, name: str, visibility: Visibility = Visibility.GOVERNMENT
) -> str | None:
    """The id of the picture sent in field `name`; None where none was chosen. Raises as `store_picture`.

    The picture has a key of its own, made from the form's, so that a repeat stores it once.
    """
    file = uploaded_file(request, name)
    if file is None:
        return None
    key = f"{actor.idempotency_key}.{name}"[:64] if actor.idempotency_key else None
    stored = await store_picture(actor.with_key(key), file.body, (file.name or "")[-128:], visibility)
    return stored.id
