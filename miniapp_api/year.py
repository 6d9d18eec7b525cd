"""A unit's year in figures."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from server.insights.queries import YearQuestion, unit_year
from server.insights.types import UnitYear
from server.kernel.reading import present_day
from server.web.sessions import actor_of


class YearOf(msgspec.Struct, frozen=True, kw_only=True):
    """Which year (0: the present one), with the units below or without."""

    year: Annotated[int, msgspec.Meta(ge=0, le=9999)] = 0
    is_below: bool = False


@api.get("/units/<unit_id>/year", answer=UnitYear, query=YearOf, summary="年度小结", tag="单位")
async def get_unit_year(request: Request, unit_id: str, query: YearOf) -> UnitYear:
    year = query.year or present_day().year
    return await unit_year(actor_of(request), YearQuestion(unit_id=unit_id, year=year, is_below=query.is_below))
