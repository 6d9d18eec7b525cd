"""What follows a unit among the cases of lost and damaged things: the open ones go on, ended ones are papers."""

from server.identity.ops import UnitColumns, follow

_OPEN = "state NOT IN ('written_off', 'found') AND NOT (kind = 'damage' AND state = 'settled')"
for side, label in (("borrower", "未了结的赔偿"), ("holder", "未了结的遗失与损坏")):
    follow(
        UnitColumns(
            table="loss_case",
            unit_id=f"{side}_unit_id",
            path=f"{side}_unit_path",
            name=f"{side}_unit_name",
            label=label,
            open=_OPEN,
            held=_OPEN,
            has_version=True,
        )
    )
