"""Who I am here: my posts, the unit I act for, and my roles."""

import msgspec
from sanic import Request

from miniapp_api.api import api
from server.circulation.queries import Waiting, waiting_for
from server.identity.queries import my_posts
from server.identity.roles import ROLE_NAMES
from server.identity.types import PostView
from server.web.routes import Access
from server.web.sessions import actor_of

TAG = "我的"


class HeldRole(msgspec.Struct, frozen=True):
    """A role that counts now. `delegated_by`: the person on leave, where it is exercised for someone."""

    role: str
    name: str
    is_subtree: bool
    delegated_by: str | None


class MeView(msgspec.Struct, frozen=True):
    """The person of this session, the unit acted for, and the posts there are to choose from."""

    person_id: str
    name: str
    unit_id: str | None
    unit_name: str
    roles: list[HeldRole]
    posts: list[PostView]
    has_second_factor: bool
    needs_second_factor: bool
    needs_totp_setup: bool


@api.get("/me", answer=MeView, summary="我的身份", tag=TAG, access=Access.HALF_SIGNED_IN)
async def get_me(request: Request) -> MeView:
    actor, session = actor_of(request), request.ctx.session
    return MeView(
        person_id=actor.person_id or "",
        name=actor.person_name,
        unit_id=actor.unit_id,
        unit_name=actor.unit_name,
        roles=[
            HeldRole(grant.role, ROLE_NAMES[grant.role], grant.is_subtree, grant.delegated_by) for grant in actor.grants
        ],
        posts=await my_posts(actor),
        has_second_factor=actor.has_second_factor,
        needs_second_factor=session.needs_second_factor,
        needs_totp_setup=session.needs_totp_setup,
    )


@api.get("/waiting", answer=Waiting, summary="等我办的件数", tag=TAG)
async def get_waiting(request: Request) -> Waiting:
    return await waiting_for(actor_of(request))
