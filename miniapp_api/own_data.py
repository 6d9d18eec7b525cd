"""What is held about me, and the handover lists that wait for my signature."""

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.bodies import Key
from server.identity.commands import LookUp, PersonalData, ReceiveHandover, read_personal_data, receive_handover
from server.identity.queries import handovers_to_sign
from server.identity.types import HandoverView
from server.web.sessions import actor_of

TAG = "我的"


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """My name as I sign."""

    signed_name: Key


@api.get("/me/personal-data", answer=PersonalData, summary="我的个人信息", tag=TAG)
async def get_personal_data(request: Request) -> PersonalData:
    actor = actor_of(request)
    return await read_personal_data(actor, LookUp(actor.person_id or ""))


@api.get("/handovers", answer=list[HandoverView], summary="等我签收的交接清单", tag=TAG)
async def get_handovers(request: Request) -> list[HandoverView]:
    return await handovers_to_sign(actor_of(request))


@api.write(
    "POST",
    "/handovers/<handover_id>/receipt",
    body=Signature,
    answer=HandoverView,
    summary="签收交接清单",
    tag=TAG,
    status=201,
)
async def post_receipt(request: Request, handover_id: str, body: Signature) -> HandoverView:
    return await receive_handover(actor_of(request), ReceiveHandover(handover_id, body.signed_name))
