"""What can be read of regions, units, people, posts and sessions."""

from server.identity.queries.colleagues import people_of_unit
from server.identity.queries.feed_keys import actor_for_feed, my_feed_key
from server.identity.queries.grants import (
    count_role_requests,
    grants_of_person,
    list_role_requests,
    role_request_by_id,
    wide_grants,
)
from server.identity.queries.headcounts import headcount_history, headcount_of
from server.identity.queries.people import (
    PersonFilter,
    list_people,
    my_posts,
    names_of,
    people_with_role,
    person_by_id,
)
from server.identity.queries.sessions import (
    handover_by_id,
    handovers_to_sign,
    list_delegations,
    list_handovers,
    my_sessions,
)
from server.identity.queries.unit_changes import (
    history_of_unit,
    list_unit_changes,
    preview_unit_change,
    unit_change_by_id,
)
from server.identity.queries.units import (
    UnitFilter,
    finance_authority_of,
    list_regions,
    list_units,
    operator_of,
    region_name,
    region_path,
    unit_by_id,
)
from server.identity.session_facts import actor_for_session, session_for_token

__all__ = [
    "PersonFilter",
    "UnitFilter",
    "actor_for_feed",
    "actor_for_session",
    "count_role_requests",
    "finance_authority_of",
    "grants_of_person",
    "handover_by_id",
    "handovers_to_sign",
    "headcount_history",
    "headcount_of",
    "history_of_unit",
    "list_delegations",
    "list_handovers",
    "list_people",
    "list_regions",
    "list_role_requests",
    "list_unit_changes",
    "list_units",
    "my_feed_key",
    "my_posts",
    "my_sessions",
    "names_of",
    "operator_of",
    "people_of_unit",
    "people_with_role",
    "person_by_id",
    "preview_unit_change",
    "region_name",
    "region_path",
    "role_request_by_id",
    "session_for_token",
    "unit_by_id",
    "unit_change_by_id",
    "wide_grants",
]
