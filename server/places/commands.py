"""Making, correcting and closing places."""

import re

from tortoise.exceptions import IntegrityError

from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.places.access import get_place_for_change, unit_for_new_place
from server.places.keeper_commands import assign_keeper, end_keeper
from server.places.models import Place
from server.places.queries import place_facts
from server.places.registry import things_at
from server.places.types import KIND_NAMES, PARENT_KINDS, CorrectPlace, CreatePlace, PlaceFacts

__all__ = ["assign_keeper", "close_place", "correct_place", "create_place", "end_keeper"]
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")


@command("places.create")
async def create_place(uow: UnitOfWork, actor: Actor, request: CreatePlace) -> PlaceFacts:
    """Add a place. Raises InvalidInput naming the fields; StateConflict `place.code_taken`, `place.closed`; Forbidden
    `role.required`, `place.not_operator`; NotFound `place.not_found` for a parent out of scope."""
    _check(request)
    parent = None if request.parent_id is None else await get_place_for_change(uow, actor, request.parent_id)
    _check_parent(request, parent)
    place = Place(
        id=new_id(),
        kind=str(request.kind),
        code=request.code,
        name=request.name.strip(),
        parent_id=request.parent_id,
        address=request.address.strip(),
    )
    if parent is not None:
        place.unit_id, place.unit_path, place.region_code = parent.unit_id, parent.unit_path, parent.region_code
        place.path = f"{parent.path}{place.id}/"
    else:
        unit = await unit_for_new_place(uow, actor, request.kind, request.unit_id)
        place.unit_id, place.unit_path, place.region_code = unit.id, unit.path, unit.region_code
        place.path = f"{place.id}/"
    await _add(uow, place)
    await uow.record("place.created", "place", place.id, kind=place.kind, code=place.code, unit_id=place.unit_id)
    return await place_facts(uow, place.id)


@command("places.correct")
async def correct_place(uow: UnitOfWork, actor: Actor, request: CorrectPlace) -> PlaceFacts:
    """Change name and address. NotFound `place.not_found`; InvalidInput naming the fields."""
    checks = Checks()
    name = checks.text("name", request.name, longest=64)
    address = checks.text("address", request.address, longest=200, shortest=0)
    checks.finish()
    place = await get_place_for_change(uow, actor, request.place_id)
    before = {"name": place.name, "address": place.address}
    await uow.change(Place, {"id": place.id}, name=name, address=address)
    after = {"name": name, "address": address}
    await uow.record("place.corrected", "place", place.id, before=before, after=after)
    return await place_facts(uow, place.id)


@command("places.close")
async def close_place(uow: UnitOfWork, actor: Actor, place_id: str) -> PlaceFacts:
    """Close an empty place. StateConflict `place.closed`, `place.not_empty` (open places below it), `place.in_use`
    (things are there); NotFound `place.not_found`."""
    place = await get_place_for_change(uow, actor, place_id)
    if await uow.find(Place, parent_id=place.id, is_active=True) is not None:
        raise StateConflict("place.not_empty")
    if number := await things_at(uow, place.id):
        raise StateConflict("place.in_use", number=number)
    otherwise = StateConflict("place.closed")
    await uow.change_one(Place, {"id": place.id, "is_active": True}, otherwise=otherwise, is_active=False)
    await uow.record("place.closed", "place", place.id, code=place.code)
    return await place_facts(uow, place.id)


def _check(request: CreatePlace) -> None:
    checks = Checks()
    if not _CODE.fullmatch(request.code):
        checks.fault("code", "place.code_malformed")
    checks.text("name", request.name, longest=64)
    checks.text("address", request.address, longest=200, shortest=0)
    checks.finish()


def _check_parent(request: CreatePlace, parent: Place | None) -> None:
    kind_name = KIND_NAMES[request.kind]
    wanted = PARENT_KINDS[request.kind]
    checks = Checks()
    if parent is None and wanted:
        checks.fault("parent_id", "place.parent_needed", kind_name=kind_name)
    elif parent is not None and parent.kind not in wanted:
        checks.fault("parent_id", "place.parent_kind", kind_name=kind_name)
    checks.finish()
    if parent is not None and not parent.is_active:
        raise StateConflict("place.closed")


async def _add(uow: UnitOfWork, place: Place) -> None:
    try:
        await uow.add(place)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("place.code_taken") from error
        raise
