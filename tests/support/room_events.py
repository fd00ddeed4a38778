"""Events of LiveKit as its server writes them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.webhooks.new_event import NewEvent
from core.webhooks.room_events import read_room_event


def room_event(
    kind: str,
    seminar_id: UUID,
    profile_id: UUID | None,
    at: datetime,
    *,
    sid: str = "PA_one",
    event_id: str | None = None,
    joined_at: datetime | None = None,
) -> NewEvent:
    """An event about the seminar's room, and a participant."""
    return read_room_event(orjson.dumps(room_body(kind, seminar_id, profile_id, at, sid, event_id, joined_at)))


def room_body(
    kind: str,
    seminar_id: UUID,
    profile_id: UUID | None,
    at: datetime,
    sid: str = "PA_one",
    event_id: str | None = None,
    joined_at: datetime | None = None,
) -> dict[str, Any]:
    """The body of such an event."""
    participant = {
        "sid": sid,
        "identity": str(profile_id),
        "name": "Kim Berg",
        "metadata": '{"role":"attendee"}',
        "joinedAt": str(int((joined_at or at).timestamp())),
    }
    return {
        "event": kind,
        "room": {"sid": "RM_one", "name": f"seminar-{seminar_id}", "maxParticipants": 15},
        **({"participant": participant} if profile_id else {}),
        "id": event_id or f"EV_{kind}_{sid}",
        "createdAt": str(int(at.timestamp())),
    }
