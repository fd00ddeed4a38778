"""Parse verified deliveries of Stripe. Pure functions, for the async endpoint and for tests."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from core.ports.books import API_VERSION
from core.problems import InputInvalid
from core.webhooks.decode import decode_body, require_text
from core.webhooks.new_event import NewEvent
from core.webhooks.payment_events import fetch_of, payment_event_of

_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_]{1,255}")
_TYPE: Final = re.compile(r"[a-z0-9_.]{1,100}")
# An account, or a path of them: https://docs.stripe.com/api/events/object
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9_/]{1,255}")
_VERSION: Final = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_LATEST: Final = 2**33


def read_stripe_event(body: bytes) -> NewEvent:
    """Parse a body whose signature was verified. Raises InputInvalid naming the field that is not as it must be."""
    text, event = decode_body(body)
    if not isinstance(event, dict):
        raise InputInvalid("The body must be a JSON object.", field="body")
    return _event(cast("Mapping[str, Any]", event), text)


def _event(event: Mapping[str, Any], text: str) -> NewEvent:
    event_type = _matching(event, "type", _TYPE)
    created, livemode, data = (event.get(name) for name in ("created", "livemode", "data"))
    if not isinstance(created, int) or isinstance(created, bool) or not 0 < created < _LATEST:
        raise InputInvalid("created must be a Unix time in seconds.", field="created")
    if not isinstance(livemode, bool):
        raise InputInvalid("livemode must be true or false.", field="livemode")
    obj = cast("Mapping[str, Any]", data).get("object") if isinstance(data, dict) else None
    if not isinstance(obj, dict):
        raise InputInvalid("data.object must be an object.", field="data.object")
    version, content = _version(event), cast("Mapping[str, Any]", obj)
    return NewEvent(
        provider="stripe",
        event_id=_matching(event, "id", _EVENT_ID),
        type=event_type,
        api_version=version,
        account=_account(event),
        livemode=livemode,
        occurred_at=datetime.fromtimestamp(created, UTC),
        body=text,
        # A body of another version may have other fields: its object is fetched.
        data=(payment_event_of if version == API_VERSION else fetch_of)(event_type, content),
    )


def _account(event: Mapping[str, Any]) -> str | None:
    """The account of a connected event. Two names that differ give a path, which is no account of ours."""
    named = {_matching(event, name, _ACCOUNT) for name in ("account", "context") if event.get(name) is not None}
    return "/".join(sorted(named)) or None


def _version(event: Mapping[str, Any]) -> str | None:
    version = event.get("api_version")
    require_text(version, "api_version")
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else None


def _matching(event: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = event.get(name)
    require_text(value, name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InputInvalid(f"{name} must match {pattern.pattern}.", field=name)
    return value
