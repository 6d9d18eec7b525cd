"""How long sessions, delays and delegations last: the defaults, and whoever knows the jurisdiction's own figures."""

from collections.abc import Awaitable, Callable

import msgspec

from server.identity.types import RowSource


class SecurityLimits(msgspec.Struct, frozen=True):
    """Figures of the security policy. Defaults of ours (rules: Domain rules, mark D)."""

    web_session_hours: int = 12
    web_idle_minutes: int = 60
    mini_session_days: int = 30
    longest_login_delay_seconds: int = 900
    invitation_days: int = 7
    longest_delegation_days: int = 90
    least_password_length: int = 10


LimitsSource = Callable[[RowSource, str], Awaitable[SecurityLimits]]
_sources: list[LimitsSource] = []


def use_limits(source: LimitsSource) -> None:
    """Ask `source(rows, region_path)` for the limits from now on. The policy table stands above identity, so it
    registers itself here."""
    _sources[:] = [source]


async def limits_for(rows: RowSource, region_path: str) -> SecurityLimits:
    """The limits of a jurisdiction, by its region path; an empty path asks for those of the whole installation."""
    if not _sources:
        return SecurityLimits()
    return await _sources[0](rows, region_path)
