"""The emulator rejects what Stripe's API rejects, with the same errors."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.contract.conftest import SECRET_KEY, StripeEmulator

VALID = {
    "mode": "payment",
    "success_url": "https://shop.example/done",
    "line_items[0][price_data][currency]": "sek",
    "line_items[0][price_data][product_data][name]": "Course",
    "line_items[0][price_data][unit_amount]": "10000",
    "line_items[0][quantity]": "1",
}
ELEMENTS = {"ui_mode": "elements", "success_url": None, "return_url": "https://shop.example/done"}
NOW = int(datetime.now(UTC).timestamp())


def create(emulator: StripeEmulator, changes: dict[str, str | None]) -> httpx.Response:
    fields = {name: value for name, value in {**VALID, **changes}.items() if value is not None}
    return emulator.http.post("/v1/checkout/sessions", data=fields)


def error_of(response: httpx.Response, status: int = 400) -> dict[str, Any]:
    assert response.status_code == status, response.text
    return response.json()["error"]


def test_the_valid_parameters_are_accepted(emulator: StripeEmulator) -> None:
    assert create(emulator, {}).status_code == 200
    assert create(emulator, {**ELEMENTS}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "param", "message"),
    [
        ({"ui_mode": "custom"}, "ui_mode", "must be one of elements, embedded_page, form, or hosted_page"),
        ({"ui_mode": "hosted"}, "ui_mode", "must be one of"),
        ({"payment_method_types[0]": "card"}, "payment_method_types", "unknown parameter"),
        ({"allowed_payment_method_types[0]": "cash"}, "allowed_payment_method_types[0]", "must be one of"),
        ({**ELEMENTS, "success_url": "https://shop.example/"}, "success_url", "not allowed"),
        ({**ELEMENTS, "cancel_url": "https://shop.example/"}, "cancel_url", "not allowed"),
        ({**ELEMENTS, "submit_type": "pay"}, "submit_type", "not allowed"),
        ({**ELEMENTS, "custom_fields[0][key]": "x"}, "custom_fields", "not allowed"),
        ({**ELEMENTS, "return_url": None}, "return_url", "Missing required param"),
        ({"success_url": None}, "success_url", "Missing required param"),
        ({"return_url": "https://shop.example/"}, "return_url", "not allowed"),
        ({"success_url": "shop.example"}, "success_url", "Not a valid URL"),
        ({"success_url": ""}, "success_url", "empty string"),
        ({"mode": None}, "mode", "Missing required param"),
        ({"mode": "subscription"}, "mode", "emulator"),
        ({"expires_at": str(NOW + 60)}, "expires_at", "at least 30 minutes"),
        ({"expires_at": str(NOW + 25 * 3600)}, "expires_at", "less than 24 hours"),
        ({"expires_at": "soon"}, "expires_at", "Invalid integer"),
        ({"customer_email": "no-address"}, "customer_email", "Invalid email"),
        ({"customer": "cus_unknown"}, "customer", "No such customer"),
        ({"colour": "red"}, "colour", "unknown parameter"),
        ({"automatic_tax[enabled]": "true"}, "automatic_tax", "does not emulate"),
        ({"line_items[0][colour]": "red"}, "line_items[0][colour]", "unknown parameter"),
        ({"line_items[0][quantity]": None}, "line_items[0][quantity]", "Missing required param"),
        ({"line_items[0][quantity]": "0"}, "line_items[0][quantity]", "greater than or equal to 1"),
        (
            {"line_items[0][price_data][currency]": "xxx"},
            "line_items[0][price_data][currency]",
            "Invalid currency",
        ),
        (
            {"line_items[0][price_data][unit_amount]": "-5"},
            "line_items[0][price_data][unit_amount]",
            "greater than or equal to 0",
        ),
        (
            {"line_items[0][price_data][unit_amount]": "9.50"},
            "line_items[0][price_data][unit_amount]",
            "Invalid integer",
        ),
        (
            {"line_items[0][price_data][unit_amount]": None},
            "line_items[0][price_data][unit_amount]",
            "Missing required param",
        ),
        ({"line_items[0][price]": "price_unknown"}, "line_items[0][price]", "only specify one"),
        ({"metadata[" + "k" * 41 + "]": "v"}, "metadata", "40 characters"),
        ({"metadata[k]": "v" * 501}, "metadata[k]", "500 characters"),
        ({"payment_intent_data[metadata]": "x"}, "payment_intent_data[metadata]", "Invalid hash"),
        ({"expand[0]": "colour"}, "expand", "cannot be expanded"),
    ],
)
def test_an_invalid_parameter_is_rejected_by_name(
    emulator: StripeEmulator, changes: dict[str, str | None], param: str, message: str
) -> None:
    count = len(emulator.sdk.v1.checkout.sessions.list({"limit": 100}).data)
    error = error_of(create(emulator, changes))
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert message in error["message"]
    assert len(emulator.sdk.v1.checkout.sessions.list({"limit": 100}).data) == count


def test_a_session_without_line_items_is_rejected(emulator: StripeEmulator) -> None:
    lines = dict.fromkeys(name for name in VALID if name.startswith("line_items"))
    assert error_of(create(emulator, {**lines}))["param"] == "line_items"


def test_line_items_in_two_currencies_are_rejected(emulator: StripeEmulator) -> None:
    second = {name.replace("[0]", "[1]"): value for name, value in VALID.items() if name.startswith("line")}
    error = error_of(create(emulator, {**second, "line_items[1][price_data][currency]": "eur"}))
    assert "same currency" in error["message"]


@pytest.mark.parametrize(("amount", "code"), [("299", "amount_too_small"), ("99999999", "amount_too_large")])
def test_a_total_out_of_bounds_is_rejected(emulator: StripeEmulator, amount: str, code: str) -> None:
    changes = {
        "line_items[0][price_data][unit_amount]": amount,
        "line_items[0][quantity]": "1" if amount == "299" else "2",
    }
    assert error_of(create(emulator, {**changes}))["code"] == code


@pytest.mark.parametrize("header", [None, "Bearer sk_test_wrong_key_0000", "Bearer", "Basic !!!", "Digest x"])
def test_a_request_without_the_api_key_is_unauthorized(emulator: StripeEmulator, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    error = error_of(httpx.get(f"{emulator.base}/v1/balance", headers=headers, trust_env=False), 401)
    assert error["type"] == "invalid_request_error"
    assert "wrong_key" not in error["message"]


def test_the_api_key_is_accepted_as_bearer_and_basic(emulator: StripeEmulator) -> None:
    url = f"{emulator.base}/v1/balance"
    bearer = httpx.get(url, headers={"Authorization": f"Bearer {SECRET_KEY}"}, trust_env=False)
    basic = httpx.get(url, auth=(SECRET_KEY, ""), trust_env=False)
    assert (bearer.status_code, basic.status_code) == (200, 200)
    assert bearer.headers["Request-Id"].startswith("req_")
    assert bearer.headers["Stripe-Version"] == "2026-10-28.endive"


def test_an_unknown_path_gets_an_api_error(emulator: StripeEmulator) -> None:
    assert "Unrecognized request URL" in error_of(emulator.http.get("/v1/colours"), 404)["message"]


def test_an_invalid_api_version_is_rejected(emulator: StripeEmulator) -> None:
    response = emulator.http.get("/v1/balance", headers={"Stripe-Version": "newest"})
    assert "Invalid Stripe API version" in error_of(response)["message"]


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"a[=1", b"a=1&a[b]=2", b"%ff=1"])
def test_an_undecodable_body_is_rejected(emulator: StripeEmulator, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = emulator.http.post("/v1/products", content=body, headers=headers)
    assert error_of(response)["type"] == "invalid_request_error"


def test_a_raw_card_number_is_rejected(emulator: StripeEmulator) -> None:
    fields = {"type": "card", "card[number]": "4242424242424242"}
    assert "unsafe" in error_of(emulator.http.post("/v1/payment_methods", data=fields), 402)["message"]
