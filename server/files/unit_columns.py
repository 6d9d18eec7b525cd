"""What follows a unit among the files: who owns them and who may see them."""

from server.identity.ops import ChangeKind, Reorganisation, UnitColumns, follow, on_unit_changed
from server.kernel.unit_of_work import UnitOfWork

follow(UnitColumns(table="stored_file", unit_id="owner_unit_id", label="图片与文件"))
_READERS = follow(UnitColumns(table="file_reader", unit_id="unit_id", label="可查看的文件", is_handled=True))


async def pass_on_reading(uow: UnitOfWork, change: Reorganisation) -> int:
    """The successor may see what the unit could; what both could see is named once."""
    if change.kind is not ChangeKind.MERGE:
        return 0
    await uow.execute(
        "DELETE FROM file_reader WHERE unit_id = ? AND file_id IN"
        " (SELECT file_id FROM (SELECT file_id FROM file_reader WHERE unit_id = ?) seen)",
        change.before.id,
        change.after.id,
    )
    return await uow.execute("UPDATE file_reader SET unit_id = ? WHERE unit_id = ?", change.after.id, change.before.id)


on_unit_changed("stored_file", pass_on_reading)
