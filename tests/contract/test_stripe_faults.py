"""Controls of the emulator: failing API calls, payments of a wrong amount, and the buttons of the overview page."""

from uuid import uuid4

import httpx
import pytest
import stripe

from tests.contract.checkouts import control, event_types, open_session, paid_charge, session_of
from tests.contract.conftest import SECRET_KEY, StripeEmulator


@pytest.mark.parametrize(
    ("status", "error"), [(500, stripe.APIError), (503, stripe.APIError), (429, stripe.RateLimitError)]
)
def test_refused_calls_do_nothing(emulator: StripeEmulator, status: int, error: type[stripe.StripeError]) -> None:
    control(emulator, "faults", failed_calls=2, failed_status=status)
    for _ in range(2):
        with pytest.raises(error) as refused:
            emulator.sdk.v1.products.create({"name": "Refused"})
        assert refused.value.http_status == status
        assert str(refused.value.request_id).startswith("req_")
    assert "Refused" not in [found.name for found in emulator.sdk.v1.products.list().data]
    assert emulator.sdk.v1.products.create({"name": "Accepted"}).name == "Accepted"


@pytest.mark.parametrize(("status", "repeated"), [(500, 500), (429, 200)])
def test_a_server_error_is_kept_under_its_idempotency_key(emulator: StripeEmulator, status: int, repeated: int) -> None:
    control(emulator, "faults", failed_calls=1, failed_status=status)
    headers = {"Idempotency-Key": str(uuid4())}
    answers = [emulator.http.post("/v1/products", data={"name": "Kept"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, repeated]


def test_a_late_answer_comes_after_the_callers_timeout(emulator: StripeEmulator) -> None:
    control(emulator, "faults", late_answers=1, late_s=1)
    headers = {"Idempotency-Key": str(uuid4())}
    path, data = f"{emulator.base}/v1/products", {"name": "Late"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(path, data=data, headers=headers, auth=(SECRET_KEY, ""), timeout=0.2, trust_env=False)
    assert "Late" in [found.name for found in emulator.sdk.v1.products.list().data]
    again = emulator.http.post("/v1/products", data=data, headers=headers)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")


def test_every_answer_has_a_request_id(emulator: StripeEmulator) -> None:
    for path in ("/v1/balance", "/v1/unknown", "/v1/charges/ch_unknown"):
        assert emulator.http.get(path).headers["Request-Id"].startswith("req_")
    assert httpx.get(f"{emulator.base}/v1/balance", trust_env=False).headers["Request-Id"].startswith("req_")


def test_a_session_is_paid_with_another_amount(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    assert control(emulator, f"sessions/{session_id}/pay", amount=100_000)["payment_status"] == "paid"
    session = session_of(emulator, session_id)
    assert session["amount_total"] == 100_000
    assert emulator.sdk.v1.payment_intents.retrieve(session["payment_intent"]).amount_received == 100_000


def test_a_declined_payment_by_control_is_recorded(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    error = control(emulator, f"sessions/{session_id}/pay", 402, payment_method="pm_card_chargeDeclined")["error"]
    assert error["code"] == "card_declined"
    assert event_types(emulator)[-1] == "payment_intent.payment_failed"
    assert session_of(emulator, session_id)["status"] == "open"


def test_a_session_is_expired_by_control(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    assert control(emulator, f"sessions/{session_id}/expire")["status"] == "expired"
    assert "can be expired" in control(emulator, f"sessions/{session_id}/expire", 400)["error"]["message"]


def test_the_overview_has_buttons_for_payments_refunds_and_disputes(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    press = emulator.http.post
    assert press(f"/controls/charges/{charge.id}/refund", data={"amount": "1000"}).status_code == 303
    assert press(f"/controls/charges/{charge.id}/dispute", data={"amount": ""}).status_code == 303
    (refund,) = emulator.sdk.v1.refunds.list({"charge": charge.id}).data
    (dispute,) = emulator.sdk.v1.disputes.list({"charge": charge.id}).data
    page = emulator.http.get("/").text
    assert f'action="/controls/refunds/{refund.id}/settle"' in page
    assert f'action="/controls/disputes/{dispute.id}/settle"' in page
    assert "Hold back deliveries" in page
    refused = press(f"/controls/charges/{charge.id}/dispute")
    assert refused.status_code == 400
    assert "already been disputed" in refused.text
    reloaded = emulator.http.get(f"/controls/charges/{charge.id}/dispute")
    assert (reloaded.status_code, "already been disputed" in reloaded.text) == (200, False)


def test_the_overview_returns_to_the_row_of_a_pressed_button(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    pressed = emulator.http.post(f"/controls/charges/{charge.id}/warn")
    assert pressed.headers["location"] == f"/#{charge.id}"
    page = emulator.http.get("/").text
    assert f'<tr id="{charge.id}">' in page
    assert emulator.http.post("/controls/faults", data={"copies": "1"}).headers["location"] == "/#faults"
    assert 'id="faults"' in page


def test_the_overview_settles_a_bank_debit_without_a_session(emulator: StripeEmulator) -> None:
    debit = {"type": "sepa_debit", "sepa_debit[iban]": "AT611904300234573201"}
    method = emulator.http.post("/v1/payment_methods", data=debit).json()["id"]
    intent = emulator.sdk.v1.payment_intents.create(
        {"amount": 5_000, "currency": "eur", "payment_method": method, "confirm": True}
    )
    settle = f"/controls/payment_intents/{intent.id}/settle"
    assert f'action="{settle}"' in emulator.http.get("/").text
    assert emulator.http.post(settle, data={"outcome": "succeeded"}).status_code == 303
    assert emulator.sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_the_overview_settles_a_bank_debit(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    form = {"method": "sepa_debit", "iban": "AT611904300234573201"}
    assert emulator.http.post(f"/pay/{session_id}", data=form).status_code == 303
    settle = f"/controls/sessions/{session_id}/settle"
    assert emulator.http.get("/").text.count(f'action="{settle}"') == 2
    assert emulator.http.post(settle, data={"outcome": "succeeded"}).status_code == 303
    assert session_of(emulator, session_id)["payment_status"] == "paid"


def test_deliveries_are_held_back_and_released_from_the_overview(emulator: StripeEmulator) -> None:
    assert emulator.http.post("/controls/deliveries/pause").status_code == 303
    assert "Release deliveries" in emulator.http.get("/").text
    assert emulator.http.post("/controls/deliveries/resume").status_code == 303
    assert emulator.http.get("/_emulator/faults").json()["paused"] is False
