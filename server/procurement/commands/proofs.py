"""Searching for idle things that would meet a need, and proving that none of them does."""

from datetime import timedelta

import msgspec
from tortoise.exceptions import IntegrityError

from server.circulation.types import IdleHit
from server.identity.access import require_person
from server.identity.ops import unit_facts
from server.kernel.actor import Actor
from server.kernel.checks import is_refused_character
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import FieldError, InvalidInput, NotFound, StateConflict
from server.kernel.instants import shanghai_day
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.policies.queries import policy_for
from server.policies.types import PolicyFacts
from server.procurement.access import SUBJECT, get_need_for_work
from server.procurement.models import IdleProof, IdleSearch, PurchaseNeed
from server.procurement.progress import change
from server.procurement.queries.needs import read_need
from server.procurement.queries.proofs import hash_of
from server.procurement.rules import procurement_policy
from server.procurement.search import SCOPE, search_boards
from server.procurement.states import NEEDS_WORDS, OPEN, REFUSAL_NAMES
from server.procurement.types import (
    HitRefusal,
    IdleQuery,
    IssueProof,
    JudgedHit,
    NeedView,
    ProofDocument,
    ProofNeed,
)

_LONGEST_WORDS = 200
_text = msgspec.json.Encoder(order="sorted")


@command("need.search_idle")
async def search_idle(uow: UnitOfWork, actor: Actor, need_id: str) -> NeedView:
    """Search the boards for what would meet the need, and keep what was asked, when, and what was found.

    Raises NotFound `need.not_found`; Forbidden `role.required`; StateConflict `need.wrong_state`.
    """
    person_id = require_person(actor)
    need = await get_need_for_work(uow, actor, need_id, *OPEN)
    content = procurement_policy(await _policy(uow, need))
    found = await search_boards(actor, need, content)
    query = IdleQuery(
        category_code=need.category_code,
        category_name=need.category_name,
        item=need.item,
        quantity=need.quantity,
        specification=need.specification,
        scope=SCOPE,
        board_count=found.board_count,
    )
    search = IdleSearch(
        need_id=need.id,
        searched_by=person_id,
        searched_by_name=actor.person_name,
        searched_at=await uow.now(),
        query=msgspec.to_builtins(query),
        hits=msgspec.to_builtins(found.hits),
        hit_count=len(found.hits),
        is_cut=found.is_cut,
    )
    await uow.add(search)
    await uow.record("need.search_idle", SUBJECT, need.id, search_id=search.id, hits=search.hit_count)
    return await read_need(uow, actor, need.id)


@command("proof.issue")
async def issue_proof(uow: UnitOfWork, actor: Actor, need_id: str, request: IssueProof) -> NeedView:
    """Make the proof of the need's latest search: numbered without gaps, hashed, never changed.

    What came onto the boards since the search is looked at again: a new hit asks for a new search.

    Raises InvalidInput naming the hit without a reason; NotFound `need.not_found`, `search.not_found`; Forbidden
    `role.required`; StateConflict `need.wrong_state`, `search.too_many_hits`, `proof.search_outdated`, `proof.new_hits`
    (with `number`), `proof.already_issued`.
    """
    person_id = require_person(actor)
    need = await get_need_for_work(uow, actor, need_id, *OPEN)
    search = await _latest_search(uow, need, request.search_id)
    policy = await _policy(uow, need)
    content = procurement_policy(policy)
    if search.is_cut:
        raise StateConflict("search.too_many_hits", limit=content.most_hits)
    hits = msgspec.convert(search.hits, list[IdleHit])
    judged = _judged(hits, request.refusals)
    await _require_nothing_new(actor, need, hits, policy)
    proof = IdleProof(
        need_id=need.id,
        search_id=search.id,
        unit_id=need.unit_id,
        unit_name=need.unit_name,
        issued_by=person_id,
        issued_by_name=actor.person_name,
        issued_at=await uow.now(),
        valid_until=shanghai_day(search.searched_at) + timedelta(days=content.proof_valid_days),
    )
    await _number_and_store(uow, need, search, proof, judged, policy)
    return await read_need(uow, actor, need.id)


async def _policy(uow: UnitOfWork, need: PurchaseNeed) -> PolicyFacts:
    unit = await unit_facts(uow, need.unit_id)
    return await policy_for(uow, "procurement", unit.region_path, await uow.now())


async def _latest_search(uow: UnitOfWork, need: PurchaseNeed, search_id: str) -> IdleSearch:
    search = await uow.find(IdleSearch, id=search_id, need_id=need.id)
    if search is None:
        raise NotFound("search.not_found")
    newer = await uow.fetch_one("SELECT id FROM idle_search WHERE need_id = ? AND id > ?", need.id, search.id)
    if newer is not None:
        raise StateConflict("proof.search_outdated")
    if await uow.find(IdleProof, search_id=search.id) is not None:
        raise StateConflict("proof.already_issued")
    return search


def _judged(hits: list[IdleHit], refusals: tuple[HitRefusal, ...]) -> tuple[JudgedHit, ...]:
    """Every hit with its reason, in the order in which they were found. Raises InvalidInput naming each without one."""
    given = {refusal.listing_id: refusal for refusal in refusals}
    if len(given) != len(refusals) or given.keys() - {hit.listing_id for hit in hits}:
        raise InvalidInput("proof.hit_unknown")
    faults = [
        fault for row, hit in enumerate(hits, start=1) if (fault := _fault(row, given.get(hit.listing_id))) is not None
    ]
    if faults:
        raise InvalidInput(fields=faults)
    return tuple(
        JudgedHit(
            hit=hit,
            reason=(refusal := given[hit.listing_id]).reason.value,
            reason_name=REFUSAL_NAMES[refusal.reason],
            words=refusal.words.strip(),
        )
        for hit in hits
    )


def _fault(row: int, refusal: HitRefusal | None) -> FieldError | None:
    field = f"refusals.{row - 1}"
    if refusal is None:
        return FieldError(field, "proof.reason_missing", row=row)
    words = refusal.words.strip()
    if refusal.reason in NEEDS_WORDS and len(words) < 2:
        return FieldError(f"{field}.words", "proof.reason_words", row=row, reason_name=REFUSAL_NAMES[refusal.reason])
    if len(words) > _LONGEST_WORDS:
        return FieldError(f"{field}.words", "input.too_long", limit=_LONGEST_WORDS)
    if any(is_refused_character(letter) for letter in words):
        return FieldError(f"{field}.words", "input.control_character")
    return None


async def _require_nothing_new(actor: Actor, need: PurchaseNeed, hits: list[IdleHit], policy: PolicyFacts) -> None:
    """Look again: what was listed while the reasons were being written must be judged too."""
    found = await search_boards(actor, need, procurement_policy(policy))
    known = {hit.listing_id for hit in hits}
    new = [hit for hit in found.hits if hit.listing_id not in known]
    if new:
        raise StateConflict("proof.new_hits", number=len(new))


async def _number_and_store(
    uow: UnitOfWork,
    need: PurchaseNeed,
    search: IdleSearch,
    proof: IdleProof,
    judged: tuple[JudgedHit, ...],
    policy: PolicyFacts,
) -> None:
    await change(uow, need, proof_id=proof.id)
    # The counter is the last thing locked.
    proof.number = await _next_number(uow, need)
    proof.document = _text.encode(_document(need, search, proof, judged, policy.id)).decode()
    proof.hash = hash_of(proof.document)
    try:
        await uow.add(proof)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("proof.already_issued") from error
        raise
    # The audit chain seals the hash: whoever changes document and hash together is found by it.
    await uow.record(
        "proof.issue",
        "idle_proof",
        proof.id,
        document_no=proof.number,
        need_id=need.id,
        hits=len(judged),
        hash=proof.hash,
    )


async def _next_number(uow: UnitOfWork, need: PurchaseNeed) -> str:
    """The next 文号 of the unit's year, without gaps."""
    unit = await unit_facts(uow, need.unit_id)
    year = (await today(uow)).year
    number = await uow.next_number(f"idle_proof:{unit.id}:{year}")
    return f"{unit.short_name}闲证〔{year}〕{number}号"


def _document(
    need: PurchaseNeed, search: IdleSearch, proof: IdleProof, judged: tuple[JudgedHit, ...], policy_version_id: str
) -> ProofDocument:
    return ProofDocument(
        number=proof.number,
        unit_id=need.unit_id,
        unit_name=need.unit_name,
        need=ProofNeed(
            id=need.id,
            item=need.item,
            category_code=need.category_code,
            category_name=need.category_name,
            quantity=need.quantity,
            specification=need.specification,
            budget_fen=need.budget_fen,
            needed_by=need.needed_by,
        ),
        query=msgspec.convert(search.query, IdleQuery),
        searched_at=search.searched_at,
        searched_by_name=search.searched_by_name,
        hits=judged,
        issued_at=proof.issued_at,
        issued_by_name=proof.issued_by_name,
        valid_until=proof.valid_until,
        policy_version_id=policy_version_id,
    )
