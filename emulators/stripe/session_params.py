"""The parameters of a new Checkout Session, in API version 2026-10-28.endive."""

from emulators.stripe.currencies import MAX_AMOUNT, currency
from emulators.stripe.errors import ApiError, missing
from emulators.stripe.json_types import Json
from emulators.stripe.payment_intents import INTENT_DATA
from emulators.stripe.payment_methods import REDIRECT_TYPES, TYPES
from emulators.stripe.prices import refuse_recurring
from emulators.stripe.products import PRODUCT_DATA
from emulators.stripe.schema import (
    Check,
    boolean,
    check_params,
    choice,
    email,
    fields,
    integer,
    list_of,
    metadata,
    text,
    url,
)

UI_MODES = ("elements", "embedded_page", "form", "hosted_page")
# https://docs.stripe.com/js/appendix/supported_locales
_LOCALES = (
    *("auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr"),
    *("hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl"),
    *("sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW"),
)
_HALF_HOUR, _DAY, _SLACK = 30 * 60, 24 * 3600, 60
_PRICE_DATA = fields(
    {
        "currency": currency,
        "product": text(),
        "product_data": fields(PRODUCT_DATA, ("name",)),
        "unit_amount": integer(0, MAX_AMOUNT),
        "recurring": refuse_recurring,
        "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
    },
    ("currency", "unit_amount"),
)
_KNOWN: dict[str, Check] = {
    "allowed_payment_method_types": list_of(choice(*TYPES)),
    "cancel_url": url,
    "client_reference_id": text(200),
    "currency": currency,
    "customer": text(),
    "customer_creation": choice("always", "if_required"),
    "customer_email": email,
    "expand": list_of(text()),
    "expires_at": integer(0, 2**40),
    "line_items": list_of(fields({"price": text(), "price_data": _PRICE_DATA, "quantity": integer(1, 999_999)})),
    "locale": choice(*_LOCALES),
    "metadata": metadata,
    "mode": choice("payment", "setup", "subscription"),
    "payment_intent_data": fields(INTENT_DATA),
    "return_url": url,
    "submit_type": choice("auto", "book", "donate", "pay", "subscribe"),
    "success_url": url,
    "ui_mode": choice(*UI_MODES),
    "redirect_on_completion": choice("always", "if_required", "never"),
    "phone_number_collection": fields({"enabled": boolean}),
}
# The API has these too. Refuse them: silently ignoring them would hide the difference.
_NOT_EMULATED = frozenset(
    {
        "adaptive_pricing",
        "after_expiration",
        "allow_promotion_codes",
        "automatic_tax",
        "billing_address_collection",
        "branding_settings",
        "consent_collection",
        "custom_fields",
        "custom_text",
        "customer_account",
        "customer_update",
        "discounts",
        "excluded_payment_method_types",
        "integration_identifier",
        "invoice_creation",
        "managed_payments",
        "name_collection",
        "optional_items",
        "origin_context",
        "payment_method_collection",
        "payment_method_configuration",
        "payment_method_data",
        "payment_method_options",
        "permissions",
        "saved_payment_method_options",
        "setup_intent_data",
        "shipping_address_collection",
        "shipping_options",
        "subscription_data",
        "tax_id_collection",
        "wallet_options",
    }
)
_NOT_WITH_ELEMENTS = (
    "success_url",
    "cancel_url",
    "custom_fields",
    "custom_text",
    "branding_settings",
    "after_expiration",
    "submit_type",
    "optional_items",
)


def check_session(raw: Json, now: int) -> Json:
    """Check the parameters and add defaults; `now` in seconds since 1970. Raises `ApiError`."""
    ui_mode = raw.get("ui_mode", "hosted_page")
    if ui_mode == "elements":
        _refuse(raw, _NOT_WITH_ELEMENTS, ui_mode)
    emulated = {name: value for name, value in raw.items() if name not in _NOT_EMULATED}
    params = check_params(emulated, _KNOWN)
    for name in raw.keys() & _NOT_EMULATED:
        raise ApiError(f"The emulator does not emulate the parameter {name}.", param=name)
    params["ui_mode"] = ui_mode
    if "mode" not in params:
        raise missing("mode")
    if params["mode"] != "payment":
        raise ApiError("The emulator supports only mode `payment`.", param="mode")
    _check_urls(params)
    _check_expiry(params, now)
    if not params.get("line_items"):
        raise missing("line_items")
    if "customer" in params and "customer_email" in params:
        raise ApiError("You may only specify one of these parameters: customer, customer_email.", param="customer")
    return params


def _refuse(raw: Json, names: tuple[str, ...], ui_mode: str) -> None:
    for name in names:
        if name in raw:
            raise ApiError(f"`{name}` is not allowed when `ui_mode` is `{ui_mode}`.", param=name)


def _check_urls(params: Json) -> None:
    ui_mode = params["ui_mode"]
    if ui_mode == "hosted_page":
        _refuse(params, ("return_url", "redirect_on_completion"), ui_mode)
        if "success_url" not in params:
            raise missing("success_url")
        return
    _refuse(params, ("success_url", "cancel_url"), ui_mode)
    allowed = params.get("allowed_payment_method_types", TYPES)
    redirects = any(kind in allowed for kind in REDIRECT_TYPES)
    if "return_url" not in params and redirects and params.get("redirect_on_completion") != "never":
        raise missing("return_url")


def _check_expiry(params: Json, now: int) -> None:
    expires_at = params.setdefault("expires_at", now + _DAY)
    if expires_at < now + _HALF_HOUR - _SLACK:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if expires_at > now + _DAY + _SLACK:
        raise ApiError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
