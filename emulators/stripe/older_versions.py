"""Parameters that Stripe renamed or removed: a request of an older API version may still use them.

The response has the form of the emulator's one version. https://docs.stripe.com/changelog
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json


@dataclass(frozen=True, slots=True)
class _Change:
    """Before `version`, requests to `path` could use `name`; `replace` turns its value into today's parameters.

    Since then the parameter is refused with `code`, or as an unknown one.
    """

    version: str
    path: re.Pattern[str]
    name: str
    replace: Callable[[object], Json]
    code: str | None = None


_CHANGES = (
    _Change(
        "2026-09-30",
        re.compile(r"^/v1/checkout/sessions$"),
        "payment_method_types",
        lambda value: {"allowed_payment_method_types": value},
    ),
    _Change(
        "2026-09-30",
        re.compile(r"^/v1/(payment_intents|setup_intents)$"),
        "payment_method_types",
        lambda value: {"allowed_payment_method_types": value},
        "payment_method_types_no_longer_supported",
    ),
    _Change(
        "2025-09-30",
        re.compile(r"^/v1/promotion_codes$"),
        "coupon",
        lambda value: {"promotion": {"type": "coupon", "coupon": value}},
    ),
)


def current_params(params: Json, path: str, version: str) -> Json:
    """The parameters as the emulator's version names them; versions are compared by their date.

    Raises `ApiError` for a removed parameter that has an error code of its own.
    """
    current = dict(params)
    for change in _CHANGES:
        if change.name not in current or not change.path.match(path):
            continue
        if version < change.version:
            current |= change.replace(current.pop(change.name))
        elif change.code:
            message = f"The parameter {change.name} is no longer supported since API version {change.version}."
            raise ApiError(message, code=change.code, param=change.name)
    return current
