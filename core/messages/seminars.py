"""The messages of seminars."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from core.messages.base import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSeat(Message):
    """A seat at a seminar was bought: confirm it, or give the money back if none is left."""

    kind = "seminars.confirm"
    queue = "seminars"
    order_item_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSeats(Message):
    """An order was cancelled, refunded or is disputed, or a line of it was refunded: release the seats it gave."""

    kind = "seminars.release"
    queue = "seminars"
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TendSeats(Message):
    """Release what was held or offered for too long, and offer free seats to those on waitlists."""

    kind = "seminars.tend"
    queue = "seminars"
    max_running = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSeminar(Message):
    """A seminar was cancelled: tell those with a seat, and give their money back. The buyers see the reason."""

    kind = "seminars.cancel"
    queue = "seminars"
    seminar_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceSeminars(Message):
    """Take the steps that are due: open doors, remind, and enqueue what calls the server of rooms."""

    kind = "seminars.advance"
    queue = "seminars"
    max_running = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionRoom(Message):
    """A seminar begins soon: make its room."""

    kind = "seminars.provision"
    queue = "seminars"
    external_call = True
    give_up_after = timedelta(hours=13)
    seminar_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRoom(Message):
    """Ask who is in a room: what LiveKit did not tell of is filled in, and who may not be there is sent out."""

    kind = "seminars.read_room"
    queue = "seminars"
    external_call = True
    give_up_after = timedelta(minutes=10)
    seminar_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignParticipant(Message):
    """A right of somebody at a seminar has changed: send them out of the room, or let them be what they are now."""

    kind = "seminars.align"
    queue = "seminars"
    max_per_key = 1
    external_call = True
    give_up_after = timedelta(hours=13)
    seminar_id: UUID
    profile_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteParticipant(Message):
    """A host mutes somebody's microphones."""

    kind = "seminars.mute"
    queue = "seminars"
    external_call = True
    give_up_after = timedelta(minutes=1)
    seminar_id: UUID
    profile_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRoom(Message):
    """A seminar is over or cancelled: end its room, and keep who came."""

    kind = "seminars.close"
    queue = "seminars"
    external_call = True
    seminar_id: UUID
