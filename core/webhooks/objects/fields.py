"""Read the fields of Stripe's objects. A text with half a surrogate pair raises InputInvalid, which names its field."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from core.webhooks.decode import require_text

Object = Mapping[str, Any]
PaymentEvent = Mapping[str, object]

NOTHING: Final[PaymentEvent] = {"kind": "none"}
ROOT: Final = "data.object"
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_ID: Final = re.compile(r"[A-Za-z0-9_]{1,255}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LARGEST_AMOUNT: Final = 10**12


class Unreadable(Exception):  # noqa: N818 - a fact about an object, not a bug
    """A field is not what Stripe documents; the message names it."""


def text(obj: Object, name: str, root: str = ROOT) -> str | None:
    """A text; None for anything else."""
    value = obj.get(name)
    require_text(value, f"{root}.{name}")
    return value if isinstance(value, str) else None


def optional_id(obj: Object, name: str, root: str = ROOT) -> str | None:
    """An id, given bare or as the expanded object that has it; None if there is none."""
    value, field = obj.get(name), f"{root}.{name}"
    if isinstance(value, dict):
        value, field = cast("Object", value).get("id"), f"{field}.id"
    require_text(value, field)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def required_id(obj: Object, name: str, root: str = ROOT) -> str:
    """The same. Raises Unreadable if there is none."""
    found = optional_id(obj, name, root)
    if found is None:
        raise Unreadable(f"{name} is no id")
    return found


def amount(obj: Object, name: str, least: int = 0) -> int:
    """Minor units, at least `least`. Raises Unreadable."""
    value = obj.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _LARGEST_AMOUNT:
        raise Unreadable(f"{name} is no amount")
    return value


def currency(obj: Object, root: str = ROOT) -> str:
    """ISO 4217, upper case. Raises Unreadable."""
    value = text(obj, "currency", root)
    if value is None or not _CURRENCY.fullmatch(value):
        raise Unreadable("currency is no currency")
    return value.upper()


def optional_named(obj: Object, name: str) -> str | None:
    """An id in the metadata that Aula gave the object, such as `order_id`; None if it names none."""
    metadata = obj.get("metadata")
    named = text(cast("Object", metadata), name, f"{ROOT}.metadata") if isinstance(metadata, dict) else None
    return named if named is not None and _UUID.fullmatch(named) else None


def optional_order(obj: Object) -> str | None:
    """The order that the object names; None if it names none."""
    return optional_named(obj, "order_id")


def required_order(obj: Object) -> str:
    """The same. Raises Unreadable if it names none."""
    named = optional_order(obj)
    if named is None:
        raise Unreadable("no order named")
    return named
