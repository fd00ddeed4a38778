"""The form of the checkout page: its checks, and the payment method made from it."""

import re
from datetime import datetime

from emulators.stripe.cards import by_number
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.payment_methods import card_details, debit_details, new_method
from emulators.stripe.schema import email

Errors = dict[str, str]
_EXPIRY = re.compile(r"^(0[1-9]|1[0-2])\s*/\s*(\d\d)$")
_CVC = re.compile(r"^\d{3,4}$")
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{8,30}$")


def check_form(form: Json, session: Json, now: datetime) -> Errors:
    """A message for each invalid field; empty when the form is valid."""
    errors: Errors = {}
    method = form.get("method", "card")
    if method not in session["payment_method_types"]:
        errors["method"] = f"{method} is not offered for this payment."
    try:
        email(session["customer_email"] or form.get("email", ""), "email")
    except ApiError:
        errors["email"] = "Enter an e-mail address such as name@example.com."
    if method == "card":
        errors |= _check_card(form, now)
    if method == "sepa_debit" and not _IBAN.match(_without_separators(form, "iban").upper()):
        errors["iban"] = "Enter an IBAN such as AT61 1904 3002 3457 3201."
    return errors


def _check_card(form: Json, now: datetime) -> Errors:
    errors: Errors = {}
    if by_number(str(form.get("number", ""))) is None:
        errors["number"] = "Only the test cards listed on this page can be used."
    expiry = _EXPIRY.match(str(form.get("expiry", "")).strip())
    if expiry is None:
        errors["expiry"] = "Enter month and year as MM / YY."
    elif (2000 + int(expiry[2]), int(expiry[1])) < (now.year, now.month):
        errors["expiry"] = "This card's date has passed."
    if not _CVC.match(_without_separators(form, "cvc")):
        errors["cvc"] = "Enter 3 or 4 digits."
    return errors


def _without_separators(form: Json, name: str) -> str:
    return re.sub(r"[\s-]", "", str(form.get(name, "")))


def method_from(call: Call, form: Json, session: Json) -> Json:
    """A payment method made from a valid form."""
    kind = str(form.get("method", "card"))
    billing = {"email": session["customer_email"] or form.get("email"), "name": form.get("name") or None}
    details: Json = {}
    card = by_number(str(form.get("number", "")))
    if kind == "card" and card:
        month, year = str(form["expiry"]).replace(" ", "").split("/")
        details = {**card_details(card), "exp_month": int(month), "exp_year": 2000 + int(year)}
    if kind == "sepa_debit":
        details = debit_details(_without_separators(form, "iban").upper())
    return new_method(call, kind, details, billing)
