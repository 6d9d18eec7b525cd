"""The demo's needs: purchases searched, proven and met by a loan instead, and posts on the wanted board."""

from datetime import timedelta

from server.circulation.wanted.commands import offer_thing, post_wanted
from server.circulation.wanted.types import OfferThing, PostWanted
from server.demo.cast import Cast
from server.kernel.reading import present_day
from server.procurement.commands import issue_proof, meet_need, record_need, search_idle, submit_need
from server.procurement.states import Refusal
from server.procurement.types import HitRefusal, IssueProof, NeedView, RecordNeed


async def enter_needs(cast: Cast) -> None:
    """As the units' own people enter them."""
    await _post(cast)
    await _searched(cast, "zhouwei", _need("A02020200", "投影仪", 2, "4000 流明以上，支持无线投屏", 1_360_000))
    shredder = _need("A02021301", "碎纸机", 3, "5 级保密，连续工作 30 分钟", 285_000)
    proven = await _proven(cast, "wufang", shredder, "只有两台，已约定给机关事务局自用")
    await submit_need(cast.actors["wufang"], proven.id)
    chairs = await _searched(cast, "chenyu", _need("A05010303", "会议椅", 6, "可叠放", 240_000))
    await meet_need(cast.actors["chenyu"], chairs.id, "区公物仓有会议椅可借，改为借用")


async def _post(cast: Cast) -> None:
    wanted = PostWanted(
        title="投影仪", quantity=1, note="健康讲座用，亮度 3000 流明以上", category_code="A02020200", days=10
    )
    posted = await post_wanted(cast.actors["chenyu"], wanted)
    words = "我局有一台极米 H6，月底前可借，请联系文化科。"
    await offer_thing(cast.actors["zhouwei"], OfferThing(wanted_id=posted.id, words=words))
    tables = PostWanted(
        title="折叠桌", quantity=12, note="社区养老服务中心长期使用", is_permanent=True, reach="district"
    )
    await post_wanted(cast.actors["xumin"], tables)
    drone = PostWanted(title="无人机", quantity=1, note="防汛巡查航拍，需持证飞手", days=3)
    await post_wanted(cast.actors["luhai"], drone)


def _need(category_code: str, item: str, quantity: int, specification: str, budget_fen: int) -> RecordNeed:
    return RecordNeed(
        category_code=category_code,
        item=item,
        quantity=quantity,
        specification=specification,
        purpose="文化馆新设培训室使用",
        budget_fen=budget_fen,
        needed_by=present_day() + timedelta(days=40),
    )


async def _searched(cast: Cast, login: str, need: RecordNeed) -> NeedView:
    actor = cast.actors[login]
    return await search_idle(actor, (await record_need(actor, need)).id)


async def _proven(cast: Cast, login: str, need: RecordNeed, words: str) -> NeedView:
    view = await _searched(cast, login, need)
    assert view.search is not None
    refusals = tuple(
        HitRefusal(listing_id=hit.listing_id, reason=Refusal.HOLDER_REFUSED, words=words) for hit in view.search.hits
    )
    return await issue_proof(cast.actors[login], view.id, IssueProof(search_id=view.search.id, refusals=refusals))
