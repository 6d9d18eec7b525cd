"""Posting what a unit looks for, answering, closing; and the end of what nobody closed."""

from datetime import timedelta

from tortoise.exceptions import IntegrityError

from server.circulation.access import require_system
from server.circulation.commands.listing import reach_path
from server.circulation.queries.idle import category_prefix
from server.circulation.wanted.access import (
    OFFERERS,
    POSTERS,
    acting_unit,
    get_wanted_for_closing,
    get_wanted_for_offer,
)
from server.circulation.wanted.models import WantedOffer, WantedPost
from server.circulation.wanted.queries import read_wanted
from server.circulation.wanted.types import CloseWanted, OfferThing, PostWanted, WantedDetail
from server.classification.queries import category
from server.classification.types import CategoryFacts
from server.identity.queries import region_name
from server.identity.types import UnitFacts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import FieldError, InvalidInput, NotFound, StateConflict
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify
from server.policies.queries import policy_for
from server.policies.types import ProcurementPolicy

MOST_PIECES = 10_000
MOST_DAYS = 3650
_REACHES = ("city", "district")


@command("wanted.post")
async def post_wanted(uow: UnitOfWork, actor: Actor, request: PostWanted) -> WantedDetail:
    """Say on the board what the actor's unit looks for; what fits already is answered at once.

    Raises InvalidInput naming every wrong field; Forbidden `role.required`, `wanted.unit_inactive`.
    """
    person_id, unit = await acting_unit(uow, actor, *POSTERS)
    kind, title, note = await _checked(uow, request)
    policy = await policy_for(uow, "procurement", unit.region_path, await uow.now())
    assert isinstance(policy.content, ProcurementPolicy)
    wanted = WantedPost(
        unit_id=unit.id,
        unit_name=unit.name,
        unit_path=unit.path,
        region_path=unit.region_path,
        region_name=await region_name(unit.region_code),
        poster_id=person_id,
        poster_name=actor.person_name,
        title=title,
        note=note,
        category_code=None if kind is None else kind.code,
        category_name="" if kind is None else kind.name,
        category_prefix=None if kind is None else category_prefix(kind.code),
        quantity=request.quantity,
        is_permanent=request.is_permanent,
        days=request.days,
        reach_path=reach_path(unit.region_path, request.reach),
        state="open",
        posted_at=await uow.now(),
        expires_on=await today(uow) + timedelta(days=policy.content.wanted_days),
    )
    await uow.add(wanted)
    await uow.record(
        "wanted.post", "wanted", wanted.id, title=title, quantity=request.quantity, reach_path=wanted.reach_path
    )
    return await read_wanted(uow, actor, wanted.id)


async def _checked(uow: UnitOfWork, request: PostWanted) -> tuple[CategoryFacts | None, str, str]:
    checks = Checks()
    title = checks.text("title", request.title, longest=64, shortest=2)
    note = checks.text("note", request.note, longest=500, shortest=0)
    if not 1 <= request.quantity <= MOST_PIECES:
        checks.fault("quantity", "wanted.quantity", limit=MOST_PIECES)
    if request.is_permanent and request.days is not None:
        checks.fault("days", "wanted.days_of_permanent")
    if not request.is_permanent and not 1 <= (request.days or 0) <= MOST_DAYS:
        checks.fault("days", "wanted.days", limit=MOST_DAYS)
    if request.reach not in _REACHES:
        checks.fault("reach", "input.not_a_choice")
    kind = None
    if request.category_code:
        try:
            kind = await category(uow, request.category_code[:13])
        except NotFound:
            checks.fault("category_code", "category.not_found")
    checks.finish()
    return kind, title, note


@command("wanted.offer")
async def offer_thing(uow: UnitOfWork, actor: Actor, request: OfferThing) -> WantedDetail:
    """Answer another unit's post, with a thing on the board or with words alone; the poster is told.

    Raises InvalidInput; Forbidden `role.required`, `wanted.unit_inactive`; NotFound `wanted.not_found`; StateConflict
    `wanted.closed`, `wanted.own`, `wanted.already_offered`.
    """
    person_id, unit = await acting_unit(uow, actor, *OFFERERS)
    checks = Checks()
    words = checks.text("words", request.words, longest=500, shortest=2)
    checks.finish()
    wanted = await get_wanted_for_offer(uow, actor, request.wanted_id)
    offer = WantedOffer(
        wanted_id=wanted.id,
        unit_id=unit.id,
        unit_name=unit.name,
        offered_by=person_id,
        offered_by_name=actor.person_name,
        words=words,
        listing_id=request.listing_id,
        listing_name=await _offered_name(uow, unit, request.listing_id),
        offered_at=await uow.now(),
    )
    await _add_once(uow, offer)
    await uow.record("wanted.offer", "wanted", wanted.id, offer_id=offer.id, listing_id=offer.listing_id)
    body = f"{unit.name} {actor.person_name}应答了“{wanted.title}”：{words}"
    await notify(uow, [wanted.poster_id], "有单位应答了您的需求", body, "wanted", wanted.id, f"wanted.offer:{offer.id}")
    return await read_wanted(uow, actor, wanted.id)


async def _offered_name(uow: UnitOfWork, unit: UnitFacts, listing_id: str | None) -> str:
    if listing_id is None:
        return ""
    row = await uow.fetch_one(
        "SELECT name FROM asset_listing WHERE id = ? AND is_open = 1 AND holder_unit_id = ?", listing_id, unit.id
    )
    if row is None:
        raise InvalidInput(fields=[FieldError("listing_id", "wanted.listing_unknown")])
    return str(row["name"])


async def _add_once(uow: UnitOfWork, offer: WantedOffer) -> None:
    try:
        await uow.add(offer)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("wanted.already_offered") from error
        raise


@command("wanted.close")
async def close_wanted(uow: UnitOfWork, actor: Actor, request: CloseWanted) -> WantedDetail:
    """The post was met, or is wanted no more. Those who answered are told.

    Raises InvalidInput; NotFound `wanted.not_found`; Forbidden `role.required`; StateConflict `wanted.closed`.
    """
    checks = Checks()
    note = checks.text("note", request.note, longest=500, shortest=2)
    checks.finish()
    wanted = await get_wanted_for_closing(uow, actor, request.wanted_id)
    await _end(uow, wanted, "met" if request.is_met else "withdrawn", note)
    await uow.record("wanted.close", "wanted", wanted.id, state=wanted.state, note=note)
    offers = await uow.find_all(WantedOffer, wanted_id=wanted.id)
    word = "已解决" if request.is_met else "已撤回"
    await notify(
        uow,
        [offer.offered_by for offer in offers],
        f"您应答的需求{word}",
        f"{wanted.unit_name}：{wanted.title}。{note}",
        "wanted",
        wanted.id,
        f"wanted.closed:{wanted.id}",
    )
    return await read_wanted(uow, actor, wanted.id)


@command("wanted.expire")
async def expire_wanted(uow: UnitOfWork, actor: Actor, wanted_id: str) -> None:
    """End a post whose last day has passed; the poster is told. For the product's own jobs.

    Raises NotFound `wanted.not_found`; StateConflict `wanted.closed`.
    """
    require_system(actor)
    wanted = await uow.lock(WantedPost, wanted_id)
    if wanted is None:
        raise NotFound("wanted.not_found")
    if wanted.state != "open" or wanted.expires_on >= await today(uow):
        raise StateConflict("wanted.closed")
    await _end(uow, wanted, "expired", None)
    await uow.record("wanted.expire", "wanted", wanted.id)
    body = f"“{wanted.title}”发布期满，已自动关闭；还需要的请重新发布。"
    await notify(uow, [wanted.poster_id], "您发布的需求已到期", body, "wanted", wanted.id, f"wanted.end:{wanted.id}")


async def _end(uow: UnitOfWork, wanted: WantedPost, state: str, note: str | None) -> None:
    changes = {"state": state, "closed_note": note, "closed_at": await uow.now(), "version": wanted.version + 1}
    await uow.change_one(
        WantedPost,
        {"id": wanted.id, "state": "open", "version": wanted.version},
        otherwise=StateConflict("wanted.closed"),
        **changes,
    )
    wanted.update_from_dict(changes)
