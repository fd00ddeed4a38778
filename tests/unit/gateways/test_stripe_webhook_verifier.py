from datetime import UTC, datetime
from hmac import digest
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from core.gateways.stripe import StripeWebhookVerifier
from core.ports.webhooks import SignatureInvalid

# The SDK leaves these two functions half typed.
SDK: Any = stripe.WebhookSignature
SECRET = "whsec_unit_test"
STAMP = 1_795_000_000
NOW = datetime.fromtimestamp(STAMP, UTC)
BODY = b'{"id": "evt_1"}'


def signed(body: str, secret: str = SECRET, stamp: int = STAMP) -> str:
    return SDK.generate_signature_header(body, secret, stamp)


GENUINE = signed(BODY.decode())


def accepts(header: str, body: bytes = BODY, now: datetime = NOW, secrets: tuple[str, ...] = (SECRET,)) -> bool:
    try:
        StripeWebhookVerifier(secrets).verify(body, header, now)
    except SignatureInvalid:
        return False
    return True


def sdk_accepts(header: str, body: str) -> bool:
    try:
        SDK.verify_header(body, header, SECRET)
    except stripe.SignatureVerificationError:
        return False
    return True


@given(body=st.text(max_size=200), stamp=st.integers(0, 4_000_000_000))
def test_a_signature_of_the_sdk_is_accepted(body: str, stamp: int) -> None:
    header = signed(body, stamp=stamp)
    assert accepts(header, body.encode(), datetime.fromtimestamp(stamp, UTC))


@given(
    body=st.text(max_size=50),
    other=st.text(max_size=50),
    secret=st.sampled_from([SECRET, "whsec_other"]),
    prefix=st.sampled_from(["", "v1=00,", "v0=11,", "v1=,", "x=y,", "v1=zz=zz,"]),
    suffix=st.sampled_from(["", ",v1=00", ",v0=aa", ",", ",x"]),
)
def test_the_verifier_agrees_with_the_sdk(body: str, other: str, secret: str, prefix: str, suffix: str) -> None:
    header = prefix + signed(other, secret) + suffix
    assert accepts(header, body.encode()) == sdk_accepts(header, body)


@given(st.text(max_size=120))
def test_no_header_breaks_the_verifier(header: str) -> None:
    assert not accepts(header)


@given(st.lists(st.sampled_from(["t=", "t", "v1=", "=", ",", str(STAMP), "-5", "²", "v1", " ", "é"]), max_size=12))
def test_no_combination_of_header_parts_breaks_the_verifier(pieces: list[str]) -> None:
    assert not accepts("".join(pieces))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "the header is missing"),
        ("v1=abc", "the header carries no timestamp"),
        ("t=,v1=abc", "the header carries no timestamp"),
        ("t=soon,v1=abc", "the header carries no timestamp"),
        ("t=-5,v1=abc", "the header carries no timestamp"),
        (f"t={'9' * 400},v1=abc", "the header carries no timestamp"),
        (f"t={STAMP},t={STAMP},v1=abc", "the header carries no timestamp"),
        (f"t={STAMP}", "the header carries no v1 signature"),
        (f"t={STAMP},v0=abc", "the header carries no v1 signature"),
        (f"t={STAMP},v1=abc", "no signature matches"),
        (f"t={STAMP},v1=åäö", "the header is malformed"),
        (f"t={STAMP}," + "v1=a," * 2_000, "the header is malformed"),
    ],
)
def test_an_invalid_header_is_refused_with_a_short_reason(header: str, reason: str) -> None:
    with pytest.raises(SignatureInvalid) as refused:
        StripeWebhookVerifier([SECRET]).verify(BODY, header, NOW)
    assert str(refused.value) == reason


@pytest.mark.parametrize(("age_s", "genuine"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_a_timestamp_may_differ_by_five_minutes_either_way(age_s: int, *, genuine: bool) -> None:
    assert accepts(GENUINE, now=datetime.fromtimestamp(STAMP + age_s, UTC)) is genuine


def test_the_reason_distinguishes_old_from_future() -> None:
    verifier = StripeWebhookVerifier([SECRET], tolerance_s=10)
    with pytest.raises(SignatureInvalid, match="too old"):
        verifier.verify(BODY, GENUINE, datetime.fromtimestamp(STAMP + 11, UTC))
    with pytest.raises(SignatureInvalid, match="in the future"):
        verifier.verify(BODY, GENUINE, datetime.fromtimestamp(STAMP - 11, UTC))


def test_any_secret_and_any_signature_may_match_during_rotation() -> None:
    _, _, good = GENUINE.partition(",")
    header = f"t={STAMP},v1={'0' * 64},{good},v1={'1' * 64}"
    assert accepts(header, secrets=("whsec_new", SECRET))
    assert accepts(header, secrets=(SECRET, "whsec_new"))
    assert not accepts(header, secrets=("whsec_new",))


def test_a_body_that_is_not_text_is_signed_byte_by_byte() -> None:
    body = b"\xff\x00{"
    signature = digest(SECRET.encode(), f"{STAMP}.".encode() + body, "sha256").hex()
    assert accepts(f"t={STAMP},v1={signature}", body)
    assert not accepts(f"t={STAMP},v1={signature}", b"\xfe\x00{")


@pytest.mark.parametrize("secrets", [[], [""], [" "], [SECRET, ""]])
def test_an_empty_secret_refuses_to_start(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret is empty"):
        StripeWebhookVerifier(secrets)
