"""The mini-program's door: JSON for the phone client and any other."""

from typing import Any

from sanic import Sanic

# Importing a subject hangs its routes on the door.
from miniapp_api import (
    account,
    approvals,
    assets,
    borrowings,
    calendar,
    catalogue,
    comments,
    delegations,
    files,
    hourly,
    listings,
    losses,
    me,
    message_consents,
    needs,
    notices,
    occasions,
    own_data,
    searches,
    session,
    standards,
    wanted,
    year,
)
from miniapp_api.api import PREFIX, api
from miniapp_api.listings import board
from server.kernel.runtime import current_runtime
from server.settings import Settings
from server.web.api import failure
from server.web.failures import render_failures_under

SUBJECTS = (
    account,
    approvals,
    assets,
    borrowings,
    calendar,
    catalogue,
    comments,
    delegations,
    files,
    hourly,
    listings,
    losses,
    me,
    message_consents,
    needs,
    notices,
    occasions,
    own_data,
    searches,
    session,
    standards,
    wanted,
    year,
)


def install(app: "Sanic[Any, Any]", settings: Settings) -> None:
    """Open the door under `/mini/v1`; its failures are the JSON envelope too."""
    render_failures_under(PREFIX, failure)
    app.blueprint(api.blueprint)

    async def listen(app: "Sanic[Any, Any]") -> None:
        board.listen(current_runtime().pubsub)

    # After the start: before it nothing is opened yet.
    app.register_listener(listen, "after_server_start")
