"""What follows a unit on the wanted board: open posts go on; answers were given by the unit of their day."""

from server.identity.ops import UnitColumns, follow, keep

follow(
    UnitColumns(
        table="wanted_post",
        unit_id="unit_id",
        path="unit_path",
        name="unit_name",
        label="需求广场上的需求",
        open="state = 'open'",
        held="state = 'open'",
        with_people=("poster_id",),
        has_version=True,
    )
)
for column in ("unit_id", "unit_name"):
    keep("wanted_offer", column, "应答是当时的单位作出的")
