"""Who may import: the managers of a unit, for it and for the units below that their grant reaches. Another unit's
import is not there."""

from server.assets.access import MANAGERS
from server.assets.importing.types import ImportState
from server.assets.models import LedgerImport
from server.identity.ops import unit_facts
from server.identity.scope import Clause, is_in_scope, require_role, scope_clause
from server.identity.types import RowSource, UnitFacts
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


async def unit_for_import(rows: RowSource, actor: Actor, unit_id: str | None) -> UnitFacts:
    """The unit whose ledger the actor brings: the acting one, or the one named. Raises Forbidden `role.required`;
    InvalidInput (`unit_id`: `import.unit_unknown`) for one that is not there, has ended or is out of reach."""
    require_role(actor, *MANAGERS)
    if actor.unit_id is None or actor.person_id is None:
        raise Forbidden("role.required")
    try:
        facts = await unit_facts(rows, unit_id or actor.unit_id)
    except NotFound:
        raise _unknown_unit() from None
    if not facts.is_active or not is_in_scope(actor, facts.path, *MANAGERS):
        raise _unknown_unit()
    return facts


def _unknown_unit() -> InvalidInput:
    return InvalidInput(fields=[FieldError("unit_id", "import.unit_unknown")])


async def get_import_for(uow: UnitOfWork, actor: Actor, import_id: str, *states: ImportState) -> LedgerImport:
    """The locked import of a unit in the actor's reach, in one of `states`.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`.
    """
    require_role(actor, *MANAGERS)
    found = await uow.lock(LedgerImport, import_id)
    if found is None or not is_in_scope(actor, (await unit_facts(uow, found.unit_id)).path, *MANAGERS):
        raise NotFound("import.not_found")
    if found.state not in states:
        raise StateConflict("import.wrong_state")
    return found


def readable_imports(actor: Actor) -> Clause:
    """A condition on the `unit u` of an import that holds where the actor may see it; Forbidden `role.required`."""
    return scope_clause(actor, "u.path", *MANAGERS)
