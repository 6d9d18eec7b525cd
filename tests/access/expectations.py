"""What the table says of one case, one role and one relation."""

from server.identity.roles import Role
from tests.access.matrix import Case

MAY, OPEN, REFUSED = "may", "open", "refused"
REFUSALS = {"forbidden", "not_found"}
# A thing that is wished away or already done; never the word for somebody else's thing.
DONE = {"ok", "conflict"}


def expected(case: Case, role: Role, relation: str, *, is_subtree: bool) -> str:
    """Whether this role gets what it asks for of a thing in that relation."""
    if not _is_reached(case, role, relation, is_subtree):
        return OPEN if _is_harmless(case, role, relation, is_subtree) else REFUSED
    if role in case.may:
        return MAY
    return OPEN if role in case.is_open_to else REFUSED


def _is_harmless(case: Case, role: Role, relation: str, is_subtree: bool) -> bool:
    """Where places are, for a keeper over the units below."""
    is_keeper_below = role == Role.WAREHOUSE_KEEPER and relation == "below" and is_subtree
    return case.method == "GET" and is_keeper_below and case.path == "/admin/places/<place_id>"


def _is_reached(case: Case, role: Role, relation: str, is_subtree: bool) -> bool:
    if case.reach == "region":
        return is_subtree or role in case.is_open_to
    if not case.thing:
        return True
    if case.reach == "under":
        return is_subtree and relation in {"own", "below"}
    if case.reach == "mine":
        return relation == "mine"
    if case.reach in {"city", "others"}:
        return case.reach == "city" or relation != "own"
    # A keeper works in the warehouses assigned, and nobody is assigned one of the unit below.
    is_below = relation == "below" and is_subtree and role != Role.WAREHOUSE_KEEPER
    return relation == "own" or (case.reach == "unit" and is_below)


def is_refusal(case: Case, outcome: str) -> bool:
    """Whether an outcome refuses. A body that names somebody else's thing may be told of as a wrong field."""
    return outcome in REFUSALS or (outcome == "invalid" and "<" not in case.path)


def is_right(case: Case, wanted: str, outcome: str) -> bool:
    """Whether the outcome is what the table allows."""
    if wanted == MAY:
        return outcome == "ok" if case.method == "GET" else outcome in DONE
    if wanted == OPEN:
        return outcome in DONE or is_refusal(case, outcome)
    # One's own unit's thing is not borrowed, and an administrator's role is not handed on: said as what it is.
    is_said = outcome == "conflict" and (case.reach == "others" or case.thing == "colleague")
    return is_refusal(case, outcome) or is_said


def is_in_sight(case: Case) -> bool:
    """Whether others' things may be known to exist: what is on the board, and what a scanned label says to all."""
    return (case.thing in {"listing", "hourly", "wanted"} and case.reach in {"city", "others"}) or case.path.startswith(
        "/admin/desk"
    )
