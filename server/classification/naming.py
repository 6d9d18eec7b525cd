"""How assets are named and numbered (rules: Asset life)."""

from typing import Protocol

from server.kernel.errors import InvalidInput

LONGEST_NAME = 160
_UNSAID = {"", "无", "/", "-", "—"}


class CodePattern(Protocol):
    """The part of the coding policy that this rule needs."""

    @property
    def pattern(self) -> str:
        """Text with `{category}`, `{unit}`, `{year}` and, at its end, `{serial}`."""
        ...

    @property
    def serial_digits(self) -> int:
        """The serial is filled with zeros up to this many digits; a longer one stays whole."""
        ...


def asset_name(item: str, brand: str, model: str) -> str:
    """品名 品牌 型号, parted by one blank; what is unsaid (无) is left out. InvalidInput `asset.name_too_long`."""
    parts = [" ".join(part.split()) for part in (item, brand, model)]
    name = " ".join(part for part in parts if part not in _UNSAID)
    if len(name) > LONGEST_NAME:
        raise InvalidInput("asset.name_too_long", limit=LONGEST_NAME)
    return name


def is_said(text: str) -> bool:
    """Whether a brand or model says anything: 无 and a dash do not."""
    return text.strip() not in _UNSAID


def asset_series(policy: CodePattern, category_code: str, unit_code: str, year: int) -> str:
    """The counter from which the serial comes: one for each text that stands before the serial, so that no two codes
    can be equal whatever the pattern says."""
    return "asset:" + _before_serial(policy, category_code, unit_code, year)


def asset_code(policy: CodePattern, category_code: str, unit_code: str, year: int, serial: int) -> str:
    """Such as `A02010105-330113001-2026-0007`. The serial is of `asset_series`, never count + 1."""
    return _before_serial(policy, category_code, unit_code, year) + str(serial).zfill(policy.serial_digits)


def _before_serial(policy: CodePattern, category_code: str, unit_code: str, year: int) -> str:
    # Not str.format: a pattern is a policy's text and must not reach into objects.
    return (
        policy.pattern.removesuffix("{serial}")
        .replace("{category}", category_code)
        .replace("{unit}", unit_code)
        .replace("{year}", str(year))
    )
