"""Seminars."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.messages import (
    AdvanceSeminars,
    AlignParticipant,
    CancelSeminar,
    CloseRoom,
    ConfirmSeat,
    MuteParticipant,
    ProvisionRoom,
    ReadRoom,
    ReleaseSeats,
    TendSeats,
)
from core.outcomes import Done, Outcome
from core.seminars.advance import advance as advance_seminars
from core.seminars.cancel import give_back
from core.seminars.confirm import confirm as confirm_seat
from core.seminars.presence import (
    Alignment,
    Mute,
    RoomReading,
    finish_alignment,
    finish_reading,
    prepare_alignment,
    prepare_mute,
    prepare_reading,
)
from core.seminars.release import release as release_seats
from core.seminars.rooms import RoomCall, finish_end, finish_room, prepare_end, prepare_room
from core.seminars.tend import tend as tend_seats
from tasks import runtime
from tasks.decorators import each_task, external_task
from tasks.external import ExternalCall


@each_task(ConfirmSeat)
def confirm(session: Session, message: ConfirmSeat) -> Outcome:
    """Give the seat that was paid for."""
    return confirm_seat(session, message, utc_now())


@each_task(ReleaseSeats)
def release(session: Session, message: ReleaseSeats) -> Outcome:
    """Release the seats of orders that give nothing any more."""
    return release_seats(session, message)


@each_task(TendSeats)
def tend(session: Session, _message: TendSeats) -> Outcome:
    """Release what lapsed, and offer what is free."""
    return Done({"seminars": tend_seats(session, utc_now())})


@each_task(CancelSeminar)
def cancel(session: Session, message: CancelSeminar) -> Outcome:
    """Tell those with a seat, and give their money back."""
    return give_back(session, message)


@each_task(AdvanceSeminars)
def advance(session: Session, _message: AdvanceSeminars) -> Outcome:
    """Take the steps that are due."""
    return Done({"seminars": advance_seminars(session, utc_now())})


def _call(call: RoomCall) -> None:
    call.make(runtime.rooms())


def _read(reading: RoomReading) -> None:
    reading.make(runtime.rooms())


def _align(alignment: Alignment) -> None:
    alignment.make(runtime.rooms())


def _mute(muting: Mute) -> None:
    muting.make(runtime.rooms())


provision = external_task(
    ProvisionRoom,
    ExternalCall(
        prepare=lambda session, message: prepare_room(session, message, utc_now()),
        call=_call,
        finish=lambda session, call: finish_room(session, call, utc_now()),
    ),
)

read_room = external_task(
    ReadRoom,
    ExternalCall(
        prepare=lambda session, message: prepare_reading(session, message, utc_now()),
        call=_read,
        finish=finish_reading,
    ),
)

align = external_task(
    AlignParticipant,
    ExternalCall(prepare=prepare_alignment, call=_align, finish=finish_alignment),
)

mute = external_task(
    MuteParticipant,
    ExternalCall(prepare=prepare_mute, call=_mute, finish=lambda _session, _call: None),
)

close = external_task(
    CloseRoom,
    ExternalCall(
        prepare=prepare_end,
        call=_call,
        finish=lambda session, call: finish_end(session, call, utc_now()),
    ),
)
