"""Gives identity the figures of the security policy that applies where somebody acts."""

import msgspec

from server.identity.limits import SecurityLimits, use_limits
from server.identity.types import RowSource
from server.kernel.errors import NotFound
from server.kernel.reading import present
from server.policies.queries import policy_for


async def security_limits(rows: RowSource, region_path: str) -> SecurityLimits:
    """The limits of a region; identity's own defaults before any policy was seeded."""
    try:
        facts = await policy_for(rows, "security", region_path, present())
    except NotFound:
        return SecurityLimits()
    return SecurityLimits(**msgspec.structs.asdict(facts.content))


use_limits(security_limits)
