"""Allocation standards: the tables that apply where I work, and how one card stands to them."""

import msgspec
from sanic import Request

from miniapp_api.api import api
from server.assets.queries import Standing, card_standing, card_view
from server.classification.standards.queries import list_standards
from server.classification.standards.types import StandardView
from server.web.sessions import actor_of

TAG = "配置标准"


class CardStanding(msgspec.Struct, frozen=True):
    """How a card stands to its standard; None where none is set for its kind."""

    standing: Standing | None


@api.get("/standards", answer=list[StandardView], summary="现行配置标准", tag=TAG)
async def get_standards(request: Request) -> list[StandardView]:
    return await list_standards(actor_of(request))


@api.get("/assets/<asset_id>/standard", answer=CardStanding, summary="资产与配置标准对照", tag=TAG)
async def get_card_standing(request: Request, asset_id: str) -> CardStanding:
    return CardStanding(await card_standing(await card_view(actor_of(request), asset_id)))
