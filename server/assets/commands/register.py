"""A thing gets its card."""

from tortoise.exceptions import IntegrityError

from server.assets.access import HANDLERS, place_for_putting, require_colleague
from server.assets.checks import CardChecks
from server.assets.events import Happening, add_event
from server.assets.finance_card import refuse_taken
from server.assets.indexing import index_card
from server.assets.models import AssetCard
from server.assets.states import home_state
from server.assets.types import AssetView, RegisterAsset
from server.assets.views import read_view
from server.classification.naming import asset_code, asset_name, asset_series
from server.classification.queries import category
from server.classification.types import CategoryFacts
from server.files.ops import require_own_picture
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.policies.queries import coding_policy, policy_for

_LONGEST_CODE = 48
# The first event tells the whole card, so that card and history can be compared at any time.
_UNTOLD = {"id", "version", "created_at"}


@command("asset.register")
async def register_asset(uow: UnitOfWork, actor: Actor, request: RegisterAsset) -> AssetView:
    """Register a thing of the acting unit: owner and holder are that unit, code and name are made by rule.

    Raises Forbidden `role.required`; InvalidInput naming the fields; StateConflict `asset.finance_card_taken`.
    """
    require_role(actor, *HANDLERS)
    card = await _new_card(uow, actor, request)
    # The series is locked last, so that two registrations wait for each other for as short as can be.
    card.code = await _next_code(uow, actor, card.category_code)
    try:
        await uow.add(card)
    except IntegrityError as error:
        if is_duplicate(error) and card.finance_card_no is not None:
            await refuse_taken(uow, actor, card.finance_card_no)
        raise
    created = {name: getattr(card, name) for name in AssetCard._meta.db_fields if name not in _UNTOLD}
    await add_event(uow, card.id, Happening(kind="registered", reason="登记建卡"), {}, created)
    await index_card(uow, card)
    await uow.record("asset.register", "asset", card.id, code=card.code, value_fen=card.value_fen)
    return await read_view(uow, actor, card.id)


async def _new_card(uow: UnitOfWork, actor: Actor, request: RegisterAsset) -> AssetCard:
    """The card without its code; every field checked."""
    if actor.unit_id is None or actor.person_id is None:
        raise Forbidden("role.required")
    checks = CardChecks()
    card = AssetCard(
        id=new_id(),
        item_name=checks.line("item_name", request.item_name),
        brand=checks.line("brand", request.brand),
        model=checks.line("model", request.model),
        specification=checks.line("specification", request.specification),
        value_fen=checks.value_fen(request.value_fen),
        acquired_on=checks.acquired_on(request.acquired_on, await today(uow)),
        condition=checks.condition(request.condition),
        category_code=request.category_code,
        owner_unit_id=actor.unit_id,
        holder_unit_id=actor.unit_id,
        holder_unit_path=actor.unit_path,
        custodian_id=request.custodian_id,
        finance_card_no=checks.line("finance_card_no", request.finance_card_no or "") or None,
        is_classified=request.is_classified,
        is_storage_medium=request.is_storage_medium,
        picture_id=request.picture_id,
        created_at=await uow.now(),
    )
    _note_category(checks, await _category(uow, request.category_code))
    checks.finish()
    card.name = asset_name(card.item_name, card.brand, card.model)
    place = await place_for_putting(uow, actor, request.place_id)
    card.place_id, card.state = place.id, home_state(place.is_warehouse).value
    if request.custodian_id is not None:
        await require_colleague(uow, actor.unit_id, request.custodian_id)
    if request.picture_id is not None:
        await require_own_picture(uow, actor, request.picture_id)
    return card


async def _category(uow: UnitOfWork, code: str) -> CategoryFacts | None:
    try:
        return await category(uow, code)
    except NotFound:
        return None


def _note_category(checks: CardChecks, found: CategoryFacts | None) -> None:
    if found is None:
        checks.fault("category_code", "asset.category_unknown")
    elif found.kind != "goods":
        checks.fault("category_code", "asset.category_not_goods")
    elif not found.is_leaf:
        checks.fault("category_code", "asset.category_too_broad")


async def _next_code(uow: UnitOfWork, actor: Actor, category_code: str) -> str:
    policy = coding_policy(await policy_for(uow, "coding", actor.region_path, await uow.now()))
    row = await uow.fetch_one("SELECT code FROM unit WHERE id = ?", actor.unit_id)
    if row is None:
        raise Forbidden("role.required")
    year = (await today(uow)).year
    serial = await uow.next_number(asset_series(policy, category_code, row["code"], year))
    # Upper case, as a scan or a typed code is read.
    code = asset_code(policy, category_code, row["code"], year, serial).upper()
    if len(code) > _LONGEST_CODE:
        raise InvalidInput(fields=[FieldError("category_code", "asset.code_too_long")])
    return code
