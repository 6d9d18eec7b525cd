"""How an import's stages move on: a slice is kept with the renewed lease, an end is one conditional change of state."""

from datetime import timedelta
from typing import Any

from server.assets.importing.types import ImportState
from server.assets.models import LedgerImport
from server.kernel.errors import DomainError, StateConflict
from server.kernel.runtime import current_runtime
from server.kernel.unit_of_work import UnitOfWork

_LEASE = timedelta(seconds=60)
# For how long the figure of a transaction that is under way is worth showing.
_SHOWN_SECONDS = 900


def moved_on() -> DomainError:
    """Another process has brought the import on meanwhile: what this one did is rolled back."""
    return StateConflict("import.wrong_state")


async def hold(uow: UnitOfWork, import_id: str, state: ImportState, **changes: Any) -> None:
    """Go on with a stage: renew the lease, and note how far it is."""
    until = await uow.now() + _LEASE
    await uow.change_one(
        LedgerImport, {"id": import_id, "state": state.value}, otherwise=moved_on(), worked_until=until, **changes
    )


async def end_stage(uow: UnitOfWork, import_id: str, state: ImportState, to: ImportState, **changes: Any) -> None:
    """The stage is done."""
    await uow.change_one(
        LedgerImport,
        {"id": import_id, "state": state.value},
        otherwise=moved_on(),
        state=to.value,
        worked_until=0,
        **changes,
    )


async def show_done(import_id: str, count: int) -> None:
    """Tell how many rows the one transaction that is under way has written: nobody else can see them before it ends."""
    await current_runtime().cache.set(f"ledger_import:{import_id}", str(count).encode(), _SHOWN_SECONDS)


async def shown_done(import_id: str) -> int:
    """What `show_done` told last."""
    told = await current_runtime().cache.get(f"ledger_import:{import_id}")
    return int(told) if told else 0
