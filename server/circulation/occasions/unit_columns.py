"""What follows the unit that leads an event; and a temporary body that cannot end while its recall list is open."""

from server.circulation.occasions.commands import require_resolved
from server.circulation.occasions.ops import TEMPORARY
from server.circulation.occasions.queries import recall_list
from server.identity.ops import ChangeKind, Reorganisation, UnitColumns, follow, keep, register_obstacles, unit_facts
from server.identity.types import RowSource
from server.kernel.errors import StateConflict

follow(
    UnitColumns(
        table="occasion",
        unit_id="lead_unit_id",
        path="lead_unit_path",
        name="lead_unit_name",
        label="牵头的活动",
        open="state = 'open'",
        held="state = 'open'",
        with_people=("responsible_id",),
        has_version=True,
    )
)
# A body that was merged into another unit is still what these things were borrowed for: its list goes on with it.
keep("borrowing", "for_unit_id", "为哪个临时机构借的，机构并入后收回清单仍在原机构名下")


async def open_recall_list(rows: RowSource, change: Reorganisation) -> list[StateConflict]:
    """Nothing disappears when a temporary body does (rules: Borrow, return, hand-in, transfer)."""
    if change.kind is not ChangeKind.CLOSE or (await unit_facts(rows, change.before.id)).kind != TEMPORARY:
        return []
    try:
        require_resolved(change.before.name, await recall_list(rows, "body", change.before.id))
    except StateConflict as refusal:
        return [refusal]
    return []


register_obstacles(open_recall_list)
