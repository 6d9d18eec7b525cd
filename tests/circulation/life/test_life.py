"""A state machine over units, people, things, days and loans."""

from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from server.kernel.audit.anchors import write_anchor
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.audit.verify import verify_audit
from server.settings import Settings, load_secrets
from tests.circulation.life.machine import Life
from tests.circulation.life.town import Town


def test_product_and_model_agree_whatever_people_do_in_whatever_order(
    product_environment: dict[str, str], tmp_path: Path, is_full_size: bool
):
    chosen = Settings.from_environment({**product_environment, "CLOCK_OFFSET_FILE": str(tmp_path / "offset")})
    town = Town.opened(chosen)
    machine = type("LifeInTown", (Life,), {"town": town})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=200 if is_full_size else 6,
                stateful_step_count=60 if is_full_size else 25,
                deadline=None,
                derandomize=not is_full_size,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
        assert town.days > 0
        key = load_secrets(chosen).audit
        while town.run(seal_audit(SEALER, key.hex())):
            pass
        assert town.run(write_anchor(chosen.anchor_file))
        assert town.run(verify_audit(key, chosen.anchor_file)) == []
    finally:
        town.close()
