"""Coupons, promotion codes, discounts of customers and tax rates of the emulator through the official SDK."""

import pytest
import stripe

from tests.contract.checkouts import events_about
from tests.contract.conftest import StripeEmulator

BEFORE_BASIL, BEFORE_CLOVER = "2024-06-20", "2025-08-27.basil"


def test_a_coupon_is_updated_and_deleted(emulator: StripeEmulator) -> None:
    coupons = emulator.sdk.v1.coupons
    coupon = coupons.create({"percent_off": 12.5, "metadata": {"a": "1"}})
    assert (coupon.percent_off, coupon.duration, coupon.valid) == (12.5, "once", True)
    assert coupons.update(coupon.id, {"name": "Spring"}).name == "Spring"
    assert coupon.id in [found.id for found in coupons.list().data]
    assert coupons.delete(coupon.id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such coupon"):
        coupons.retrieve(coupon.id)
    assert events_about(emulator, coupon.id) == ["coupon.created", "coupon.updated", "coupon.deleted"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "percent_off"),
        ({"percent_off": "10", "amount_off": "100", "currency": "sek"}, "percent_off"),
        ({"amount_off": "100"}, "currency"),
        ({"percent_off": "0"}, "percent_off"),
        ({"percent_off": "101"}, "percent_off"),
        ({"percent_off": "nan"}, "percent_off"),
        ({"percent_off": "half"}, "percent_off"),
    ],
    ids=str,
)
def test_an_invalid_coupon_is_refused(emulator: StripeEmulator, fields: dict[str, str], param: str) -> None:
    refused = emulator.http.post("/v1/coupons", data=fields)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


def test_an_id_of_a_coupon_is_used_once(emulator: StripeEmulator) -> None:
    emulator.sdk.v1.coupons.create({"id": "SPRING", "amount_off": 1_000, "currency": "sek"})
    with pytest.raises(stripe.InvalidRequestError) as taken:
        emulator.sdk.v1.coupons.create({"id": "SPRING", "percent_off": 5})
    assert taken.value.code == "resource_already_exists"


def test_a_promotion_code_is_active_once(emulator: StripeEmulator) -> None:
    codes = emulator.sdk.v1.promotion_codes
    coupon = emulator.sdk.v1.coupons.create({"percent_off": 10})
    code = codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME"})
    assert (code.promotion.coupon, code.active, code.code) == (coupon.id, True, "WELCOME")
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME"})
    assert not codes.update(code.id, {"active": False}).active
    again = codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME"})
    assert [found.id for found in codes.list({"code": "WELCOME", "active": True}).data] == [again.id]
    assert events_about(emulator, code.id) == ["promotion_code.created", "promotion_code.updated"]


def test_a_promotion_code_of_an_older_version_names_its_coupon(emulator: StripeEmulator) -> None:
    coupon = emulator.sdk.v1.coupons.create({"percent_off": 10})
    url, fields = "/v1/promotion_codes", {"coupon": coupon.id}
    older = emulator.http.post(url, data=fields, headers={"Stripe-Version": BEFORE_CLOVER}).json()
    assert older["promotion"] == {"type": "coupon", "coupon": coupon.id}
    assert emulator.http.post(url, data=fields).json()["error"]["code"] == "parameter_unknown"


def test_a_coupon_of_a_customer_is_a_discount_in_older_versions(emulator: StripeEmulator) -> None:
    ten, twenty = (emulator.sdk.v1.coupons.create({"percent_off": percent}).id for percent in (10, 20))
    older = {"Stripe-Version": BEFORE_BASIL}
    customer = emulator.http.post("/v1/customers", data={"coupon": ten}, headers=older).json()["id"]
    for coupon in (twenty, ""):
        emulator.http.post(f"/v1/customers/{customer}", data={"coupon": coupon}, headers=older).raise_for_status()
    found = emulator.http.get("/v1/events", params={"type": "customer.discount.*", "limit": "3"}).json()["data"]
    assert [event["type"].rpartition(".")[2] for event in found] == ["deleted", "updated", "created"]
    assert [event["data"]["object"]["source"]["coupon"] for event in found] == [twenty, twenty, ten]
    refused = emulator.http.post("/v1/customers", data={"coupon": ten}).json()["error"]
    assert (refused["code"], refused["param"]) == ("parameter_unknown", "coupon")


def test_a_tax_rate_is_updated(emulator: StripeEmulator) -> None:
    rates = emulator.sdk.v1.tax_rates
    rate = rates.create({"display_name": "Moms", "inclusive": True, "percentage": 25})
    assert (rate.percentage, rate.inclusive, rate.active) == (25, True, True)
    assert not rates.update(rate.id, {"active": False}).active
    assert rate.id in [found.id for found in rates.list({"active": False}).data]
    assert events_about(emulator, rate.id) == ["tax_rate.created", "tax_rate.updated"]
