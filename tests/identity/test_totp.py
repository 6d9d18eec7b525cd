"""Codes as RFC 6238 publishes them (appendix B, SHA-1, the last six of its eight digits)."""

import base64
from datetime import UTC, datetime

import pytest

from server.identity.totp import code_at, matching_step, otpauth_uri, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_code_is_the_published_one_when_made_for_the_rfcs_instants(seconds: int, code: str) -> None:
    assert code_at(SECRET, step_of(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize(("drift", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_fits_when_the_clocks_differ_by_one_step_at_most(drift: int, is_right: bool) -> None:
    instant = datetime.fromtimestamp(1_234_567_890, UTC)
    step = matching_step(SECRET, code_at(SECRET, step_of(instant) + drift), instant)
    assert (step == step_of(instant) + drift) is is_right


@pytest.mark.parametrize("code", ["", "12345", "1234567", "验证码验证码", "００５９２４"])
def test_code_does_not_fit_when_it_is_no_code(code: str) -> None:
    assert matching_step(SECRET, code, datetime.fromtimestamp(1_234_567_890, UTC)) is None


def test_account_is_escaped_when_it_goes_into_the_address() -> None:
    assert otpauth_uri("ABC", "王 建国").startswith("otpauth://totp/%E5%85%AC%E7%89%A9%E4%BB%93:%E7%8E%8B%20%E5")
