"""Facts about nothing that is there: whoever asks with them names a thing that nobody has."""

import re

from server.kernel.ids import new_id
from tests.access.world import Facts


class MadeUp(dict[str, str]):
    """Words that bodies want, and an id of nothing for whatever else is asked for."""

    def __missing__(self, name: str) -> str:
        self[name] = new_id()
        return self[name]


def made_up(path: str) -> Facts:
    """Facts about nothing that is there, for an address."""
    return MadeUp(
        {name: new_id() for name in re.findall(r"<(\w+)>", path)},
        my_role="borrower",
        my_name="某人",
        version="1",
        place_kind="site",
        place_code="P00001",
        totp_code="000000",
        synonym="叫法",
        receiver_name="李梅",
        odd="奇怪的东西",
        asset_code="A02020200-U1-2026-000001",
        unit_code="N1",
        unit_name="办事处",
        kind="borrowing",
    )
