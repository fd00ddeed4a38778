"""Parameters that Stripe renamed or removed: a request of an older API version may still use them.

The response has the form of the emulator's one version. https://docs.stripe.com/changelog
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from emulators.stripe.json_types import Json


@dataclass(frozen=True, slots=True)
class _Change:
    """Before `version`, requests to `path` could use `name`; `replace` turns its value into today's parameters."""

    version: str
    path: re.Pattern[str]
    name: str
    replace: Callable[[object], Json]


_CHANGES = (
    _Change(
        "2026-09-30",
        re.compile(r"^/v1/(checkout/sessions|payment_intents|setup_intents)$"),
        "payment_method_types",
        lambda value: {"allowed_payment_method_types": value},
    ),
    _Change(
        "2025-09-30",
        re.compile(r"^/v1/promotion_codes$"),
        "coupon",
        lambda value: {"promotion": {"type": "coupon", "coupon": value}},
    ),
)


def current_params(params: Json, path: str, version: str) -> Json:
    """The parameters as the emulator's version names them; versions are compared by their date."""
    current = dict(params)
    for change in _CHANGES:
        if version < change.version and change.name in current and change.path.match(path):
            current |= change.replace(current.pop(change.name))
    return current
