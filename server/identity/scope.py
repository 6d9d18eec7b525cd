"""Scope by unit as a condition inside the query, never a filter after it.

A path such as `u1/u2/` names a unit and all above it; a subtree is the range of paths that begin with it. A range
instead of LIKE, because LIKE folds case on SQLite and then uses no index.
"""

from typing import Any

from server.kernel.actor import Actor
from server.kernel.errors import Forbidden

Clause = tuple[str, tuple[Any, ...]]
_AFTER_SLASH = "0"  # the character after "/": no path that begins with "…/" sorts at or after "…0"


def prefix_clause(column: str, path: str) -> Clause:
    """A condition that holds for `path` itself and everything below it. `path` ends with a slash."""
    return f"({column} >= ? AND {column} < ?)", (path, path[:-1] + _AFTER_SLASH)


def scope_clause(actor: Actor, column: str, *roles: str) -> Clause:
    """A condition on a unit-path column: the acting unit, or its subtree where a grant of `roles` reaches that far.

    Raises Forbidden `role.required` when the actor holds none of the roles.
    """
    grants = [grant for grant in actor.grants if grant.role in roles]
    if not grants or not actor.unit_path:
        raise Forbidden("role.required")
    if any(grant.is_subtree for grant in grants):
        return prefix_clause(column, actor.unit_path)
    return f"{column} = ?", (actor.unit_path,)


def is_in_scope(actor: Actor, unit_path: str, *roles: str) -> bool:
    """Whether the actor holds one of `roles` over the unit at `unit_path`."""
    for grant in actor.grants:
        is_reached = unit_path == actor.unit_path or (grant.is_subtree and unit_path.startswith(actor.unit_path))
        if grant.role in roles and actor.unit_path and is_reached:
            return True
    return False


def require_role(actor: Actor, *roles: str) -> None:
    """Raise Forbidden `role.required` unless the actor holds one of the roles."""
    if not actor.has_role(*roles):
        raise Forbidden("role.required")
