"""The public door: sharing hall, detail pages, applying, and a civil servant's own pages."""

from pathlib import Path
from typing import Any

from sanic import Sanic

from server.settings import Settings
from server.web.failures import render_failures_under
from storefront import (
    approvals,
    basket,
    borrowings,
    calendar,
    collection,
    comments,
    corrections,
    exports,
    files,
    home,
    hourly,
    login,
    losses,
    me,
    messages,
    my_data,
    proofs,
    renewals,
    scan,
    searches,
    sharing,
    totp,
    wanted,
    wechat,
)
from storefront.surround import door

TEMPLATES = Path(__file__).with_name("templates")
# Importing a page module registers its pages at the door; they are named here so that none is forgotten.
PAGES = (
    *(
        home,
        login,
        totp,
        sharing,
        hourly,
        basket,
        borrowings,
        collection,
        renewals,
        approvals,
        messages,
        me,
        my_data,
        scan,
        calendar,
    ),
    *(files, losses, proofs, searches, wanted, corrections, comments, exports, wechat),
)


def install(app: "Sanic[Any, Any]", settings: Settings) -> None:
    """Open the door at the root; a failure under no other door's address is drawn as its page."""
    render_failures_under("", door.render_failure)
    app.blueprint(door.blueprint)
