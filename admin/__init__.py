"""The staff's door: to-do, ledger, approvals, counter, people, policies, audit."""

import importlib
from typing import Any

from sanic import Sanic

from admin.door import TEMPLATES, door
from server.settings import Settings
from server.web.failures import render_failures_under

__all__ = ["TEMPLATES", "install"]

# Each of these registers its own pages on the door by being imported; a blueprint takes no route once it is mounted.
_SUBJECTS = (
    "todo",
    "approvals",
    "approvals_several",
    "desk",
    "loans",
    "loan_pieces",
    "loan_signing",
    "occasions",
    "losses",
    "loss_actions",
    "assets",
    "exports",
    "exports_reuse",
    "exports_people",
    "exports_rules",
    "exports_of_one",
    "asset_forms",
    "asset_actions",
    "accessories",
    "imports",
    "import_rows",
    "listings",
    "listings_several",
    "needs",
    "idle_proof",
    "places",
    "place_keepers",
    "categories",
    "standards",
    "synonyms",
    "units",
    "holdings",
    "year",
    "unit_forms",
    "unit_changes",
    "people",
    "person_security",
    "handover",
    "handover_lists",
    "role_requests",
    "personal_data",
    "delegations",
    "policies",
    "policy_form",
    "calendar",
    "dictionaries",
    "audit",
    "audit_export",
    "styleguide",
)


def install(app: "Sanic[Any, Any]", settings: Settings) -> None:
    """Open the door under `/admin`."""
    for name in _SUBJECTS:
        if name != "styleguide" or settings.environment != "production":
            importlib.import_module(f"admin.{name}")
    render_failures_under(door.prefix, door.render_failure)
    app.blueprint(door.blueprint)
