"""Purchase needs at every stage, made by commands alone."""

from datetime import timedelta

from server.approvals import handlers as approval_handlers
from server.kernel.actor import Actor
from server.kernel.reading import present_day
from server.procurement import handlers
from server.procurement.commands import issue_proof, record_need, search_idle, submit_need
from server.procurement.states import Refusal
from server.procurement.types import HitRefusal, IssueProof, NeedView, RecordNeed
from tests.factories.assets import PROJECTOR

# Importing them registers them; a test that submits needs its decisions heard.
REGISTERED = (handlers, approval_handlers)
# A category of the catalogue of which nobody has anything.
UNHEARD = "A05000000"


def purchase(**changes: object) -> RecordNeed:
    """A request for two projectors; `changes` replaces fields."""
    fields: dict[str, object] = {
        "category_code": PROJECTOR,
        "item": "投影仪",
        "quantity": 2,
        "specification": "4000 流明以上，支持无线投屏",
        "purpose": "政务大厅培训室",
        "budget_fen": 1_600_000,
        "needed_by": present_day() + timedelta(days=30),
    }
    return RecordNeed(**{**fields, **changes})  # type: ignore[arg-type]


def refusals_of(view: NeedView, reason: Refusal = Refusal.SPECIFICATION, words: str = "") -> IssueProof:
    """The same reason for every hit of the need's latest search."""
    assert view.search is not None
    refusals = tuple(HitRefusal(listing_id=hit.listing_id, reason=reason, words=words) for hit in view.search.hits)
    return IssueProof(search_id=view.search.id, refusals=refusals)


async def make_need(actor: Actor, *, until: str = "draft", **changes: object) -> NeedView:
    """A need brought on `until` draft, searched, proven or submitted."""
    view = await record_need(actor, purchase(**changes))
    if until == "draft":
        return view
    view = await search_idle(actor, view.id)
    if until == "searched":
        return view
    view = await issue_proof(actor, view.id, refusals_of(view))
    return view if until == "proven" else await submit_need(actor, view.id)
