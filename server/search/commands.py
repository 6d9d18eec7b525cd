"""Changing the list of synonyms."""

from tortoise.exceptions import IntegrityError

from server.identity.roles import Role
from server.kernel.actor import Actor, ActorKind
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import Forbidden, InvalidInput, StateConflict
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.search.grams import normalized
from server.search.models import SynonymList
from server.search.queries import current_synonyms
from server.search.thesaurus import read_line
from server.search.types import ChangeSynonyms, SynonymsView

MOST_LINES = 2000
LONGEST_WORD = 32
_LONGEST_REASON = 200


@command("search.change_synonyms")
async def change_synonyms(uow: UnitOfWork, actor: Actor, request: ChangeSynonyms) -> SynonymsView:
    """Put another list of synonyms in force, from the next search on. The former one stays readable.

    Raises Forbidden `role.required` unless operations over their subtree; InvalidInput naming the lines, or
    `search.synonyms_unchanged`; StateConflict `search.synonyms_changed` where another version came first.
    """
    if actor.kind is not ActorKind.SYSTEM and not may_change_synonyms(actor):
        raise Forbidden("role.required")
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=_LONGEST_REASON)
    _check_lines(checks, request.words)
    checks.finish()
    current = await current_synonyms(uow)
    if current.version != request.based_on:
        raise StateConflict("search.synonyms_changed")
    words = "\n".join(line.rstrip() for line in request.words.splitlines()).strip() + "\n"
    if words == current.words:
        raise InvalidInput("search.synonyms_unchanged")
    made = SynonymList(
        version=current.version + 1,
        words=words,
        reason=reason,
        created_at=await uow.now(),
        created_by=actor.person_id,
        created_by_name=actor.person_name,
    )
    await _add_once(uow, made)
    await uow.record("search.change_synonyms", "synonyms", made.id, version=made.version, reason=reason)
    return await current_synonyms(uow)


def may_change_synonyms(actor: Actor) -> bool:
    """Whether somebody keeps the catalogue: operations over the units below (rules: Who)."""
    return any(grant.role == Role.OPERATIONS and grant.is_subtree for grant in actor.grants)


def _check_lines(checks: Checks, text: str) -> None:
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        checks.fault("words", "search.synonyms_many", limit=MOST_LINES)
        return
    for row, line in enumerate(lines, 1):
        group = read_line(line)
        if len(group) == 1:
            checks.fault("words", "search.synonyms_lone", row=row)
        elif any(len(word) > LONGEST_WORD or not normalized(word) for word in group):
            checks.fault("words", "search.synonyms_long", row=row, limit=LONGEST_WORD)


async def _add_once(uow: UnitOfWork, made: SynonymList) -> None:
    try:
        await uow.add(made)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise StateConflict("search.synonyms_changed") from error
