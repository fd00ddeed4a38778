"""One-time passwords are those of RFC 6238, with the drift of one step."""

from base64 import b32encode
from datetime import UTC, datetime

import pytest

from core.accounts.totp import is_totp, new_secret, qr_of, step_of, uri_of

# The secret and the codes of RFC 6238, appendix B, the last six of their eight digits.
SECRET = b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


def at(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_a_code_is_that_of_the_standard(second: int, code: str) -> None:
    assert step_of(SECRET, code, at(second)) == second // 30


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_taken_one_step_early_or_late(off: int, taken: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    step = 1111111109 // 30
    assert step_of(SECRET, "081804", at(step * 30 + off)) == (step if taken else None)


def test_a_step_ends_to_the_second() -> None:
    step = 1111111109 // 30
    assert step_of(SECRET, "081804", at((step + 2) * 30 - 0.001)) == step
    assert step_of(SECRET, "081804", at((step + 2) * 30)) is None


@pytest.mark.parametrize("code", ["", "28708", "2870820", "28708a", "\uff12" * 6])
def test_another_form_is_no_code(code: str) -> None:
    assert not is_totp(code)


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    assert len(new_secret()) == 32
    assert len({new_secret() for _ in range(20)}) == 20


def test_the_address_and_its_picture_have_what_an_authenticator_needs() -> None:
    uri = uri_of(SECRET, "åsa+kurs@aula.example")
    assert uri == f"otpauth://totp/Aula:%C3%A5sa%2Bkurs%40aula.example?secret={SECRET}&issuer=Aula"
    assert qr_of(uri).startswith("data:image/svg+xml")
