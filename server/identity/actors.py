"""The actor of a request that nobody is logged in for."""

from server.kernel.actor import Actor, ActorKind


def anonymous_actor(request_id: str) -> Actor:
    """Somebody unknown: holds no role and acts for no unit."""
    return Actor(kind=ActorKind.PERSON, request_id=request_id)
