"""Standing in for somebody on leave (代办)."""

from sanic import Request

from miniapp_api.api import api
from server.identity.commands import Delegate, RevokeDelegation, delegate, revoke_delegation
from server.identity.queries import list_delegations
from server.identity.types import DelegationView
from server.web.sessions import actor_of

TAG = "代办"


@api.get("/delegations", answer=list[DelegationView], summary="代办授权列表", tag=TAG)
async def get_delegations(request: Request) -> list[DelegationView]:
    return await list_delegations(actor_of(request))


@api.write("POST", "/delegations", body=Delegate, answer=DelegationView, summary="授权代办", tag=TAG, status=201)
async def post_delegation(request: Request, body: Delegate) -> DelegationView:
    return await delegate(actor_of(request), body)


@api.write(
    "POST",
    "/delegations/<delegation_id>/revocation",
    answer=DelegationView,
    summary="撤销代办",
    tag=TAG,
    status=201,
)
async def post_revocation(request: Request, delegation_id: str) -> DelegationView:
    return await revoke_delegation(actor_of(request), RevokeDelegation(delegation_id))
