"""Parse verified deliveries of LiveKit.

https://docs.livekit.io/home/server/webhooks/
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from core.problems import InputInvalid
from core.webhooks.decode import decode_body, require_text
from core.webhooks.new_event import NewEvent

_IDENTITY: Final = re.compile(r".{1,255}")
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_]{1,255}")
_TYPE: Final = re.compile(r"[a-z_]{1,100}")
# LiveKit writes numbers of 64 bits as strings.
_NUMBER: Final = re.compile(r"[0-9]{1,13}")
_KINDS: Final[Mapping[str, str]] = {
    "participant_joined": "room_joined",
    "participant_left": "room_left",
    "participant_connection_aborted": "room_left",
    "room_finished": "room_ended",
}
# What describes a person and is not read; it is not stored either. `identity` is the id of an account.
_PERSONAL: Final = frozenset({"name", "metadata", "attributes"})


def read_room_event(body: bytes) -> NewEvent:
    """Parse a body whose signature was verified. Raises InputInvalid naming the field that is not as it must be."""
    _, event = decode_body(body)
    if not isinstance(event, dict):
        raise InputInvalid("The body must be a JSON object.", field="body")
    return _event(cast("Mapping[str, Any]", event))


def _event(event: Mapping[str, Any]) -> NewEvent:
    event_type = _matching(event, "event", _TYPE)
    at = datetime.fromtimestamp(int(_matching(event, "createdAt", _NUMBER)), UTC)
    return NewEvent(
        provider="livekit",
        event_id=_matching(event, "id", _EVENT_ID),
        type=event_type,
        api_version=None,
        account=None,
        livemode=None,
        occurred_at=at,
        body=json.dumps(_impersonal(event)),
        data=_data(event_type, event, at),
    )


def _data(event_type: str, event: Mapping[str, Any], at: datetime) -> Mapping[str, object]:
    """What is read: whose stay in which room began or ended."""
    kind = _KINDS.get(event_type, "none")
    if kind == "none":
        return {"kind": kind}
    room = _member(event, "room").get("name")
    require_text(room, "room.name")
    found = {"kind": kind, "room": room if isinstance(room, str) else ""}
    if kind == "room_ended":
        return found
    participant = _member(event, "participant")
    joined = participant.get("joinedAt")
    if isinstance(joined, str) and _NUMBER.fullmatch(joined):
        at = datetime.fromtimestamp(int(joined), UTC)
    return {
        **found,
        "identity": _matching(participant, "identity", _IDENTITY, "participant."),
        "sid": _matching(participant, "sid", _EVENT_ID, "participant."),
        "joined_at": at.isoformat(),
    }


def _impersonal(event: Mapping[str, Any]) -> Mapping[str, Any]:
    participant = event.get("participant")
    if not isinstance(participant, dict):
        return event
    members = cast("Mapping[str, Any]", participant)
    return {**event, "participant": {name: value for name, value in members.items() if name not in _PERSONAL}}


def _member(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = event.get(name)
    if not isinstance(value, dict):
        raise InputInvalid(f"{name} must be an object.", field=name)
    return cast("Mapping[str, Any]", value)


def _matching(event: Mapping[str, Any], name: str, pattern: re.Pattern[str], prefix: str = "") -> str:
    value, field = event.get(name), f"{prefix}{name}"
    require_text(value, field)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InputInvalid(f"{field} must match {pattern.pattern}.", field=field)
    return value
