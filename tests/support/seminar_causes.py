"""For each message of seminars, a state of the database in which its handler has something to do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from core.messages import (
    AdvanceSeminars,
    AlignParticipant,
    CancelSeminar,
    CloseRoom,
    ConfirmSeat,
    Message,
    MuteParticipant,
    ProcessWebhook,
    ProvisionRoom,
    ReadRoom,
    ReleaseSeats,
    ReturnItem,
    TendSeats,
)
from tests.support.jobs import do
from tests.support.purchases import Purchase
from tests.support.room_events import room_event
from tests.support.scene import Cause, Scene

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

# The order's course becomes a seat at a new seminar.
_SEAT = """
with seminar as (
    insert into app.seminars (teacher_id, title, starts_at, ends_at, capacity, price_amount, currency, state)
    select teacher_id, 'Live', now() + interval '7 days', now() + interval '7 days 1 hour', 5, 49900, 'SEK', 'published'
    from app.courses limit 1
    returning id
), item as (
    update app.order_items i set course_id = null, seminar_id = seminar.id from seminar
    where i.order_id = :id and i.course_id is not null
    returning i.id, i.seminar_id
), gone as (
    delete from app.enrollments where order_item_id in (select id from item)
)
insert into app.seminar_seats (seminar_id, profile_id, order_item_id, state, source, held_until)
select item.seminar_id, o.profile_id, item.id, 'held', 'order', now() from item, app.orders o where o.id = :id
"""
_WAITING = """
insert into app.seminar_seats (seminar_id, profile_id, state)
select s.seminar_id, m.teacher_id, 'waitlisted' from app.seminar_seats s join app.seminars m on m.id = s.seminar_id
"""


def _seat(scene: Scene, purchase: Purchase, state: str = "held") -> UUID:
    """The item of a seat in this state."""
    do(scene.sessions, "delete from app.enrollments")
    do(scene.sessions, _SEAT, id=purchase.order_id)
    do(scene.sessions, "update app.seminar_seats set state = :state", state=state)
    wanted = "select id from app.order_items where order_id = :id and seminar_id is not null"
    return scene.id_of(wanted, id=purchase.order_id)


def _confirm(scene: Scene) -> Message:
    return ConfirmSeat(order_item_id=_seat(scene, scene.fulfilled()))


def _confirm_gone(scene: Scene) -> Message:
    """No seat is left."""
    item = _seat(scene, scene.fulfilled(), "released")
    do(scene.sessions, "update app.seminars set state = 'cancelled'")
    return ConfirmSeat(order_item_id=item)


def _release(scene: Scene) -> Message:
    purchase = scene.fulfilled()
    _seat(scene, purchase, "confirmed")
    do(scene.sessions, "update app.orders set state = 'refunded'")
    return ReleaseSeats(order_id=purchase.order_id)


def _tend(scene: Scene) -> Message:
    """A hold has run out, and somebody waits."""
    _seat(scene, scene.webhooks.place_order("mixed"))
    do(scene.sessions, _WAITING)
    return TendSeats()


def _cancel(scene: Scene) -> Message:
    _seat(scene, scene.fulfilled(), "confirmed")
    do(scene.sessions, "update app.seminars set state = 'cancelled'")
    seminar_id = scene.id_of("select seminar_id from app.seminar_seats")
    return CancelSeminar(seminar_id=seminar_id, reason="ill")


def _return(scene: Scene) -> Message:
    return ReturnItem(order_item_id=_seat(scene, scene.fulfilled(), "released"), reason="no seat was left")


def _coming(scene: Scene, begins: str) -> UUID:
    """A seminar that begins at a time from now, with a confirmed seat."""
    # Those of causes before.
    do(scene.sessions, "update app.seminars set state = 'closed', closed_at = now()")
    do(scene.sessions, "delete from app.attendance")
    _seat(scene, scene.fulfilled(), "confirmed")
    moved = (
        "update app.seminars set starts_at = now() + cast(:begins as interval), "
        "ends_at = now() + cast(:begins as interval) + interval '1 hour' "
        "where id in (select seminar_id from app.seminar_seats)"
    )
    do(scene.sessions, moved, begins=begins)
    return scene.id_of("select seminar_id from app.seminar_seats")


def _advance(scene: Scene) -> Message:
    _coming(scene, "20 minutes")
    return AdvanceSeminars()


def _provision(scene: Scene) -> Message:
    return ProvisionRoom(seminar_id=_coming(scene, "20 minutes"))


def _close(scene: Scene) -> Message:
    return CloseRoom(seminar_id=_coming(scene, "-2 hours"))


def _live(scene: Scene) -> tuple[UUID, UUID]:
    """A seminar whose doors are open, and somebody without a seat."""
    seminar_id = _coming(scene, "-5 minutes")
    do(
        scene.sessions,
        "update app.seminars set state = 'open', room_name = 'seminar-' || id where id = :id",
        id=seminar_id,
    )
    do(scene.sessions, "update app.seminar_seats set state = 'released'")
    return seminar_id, scene.id_of("select profile_id from app.seminar_seats")


def _read(scene: Scene) -> Message:
    seminar_id, person = _live(scene)
    stay = "insert into app.attendance (seminar_id, profile_id, participant_sid, joined_at) values (:s, :p, 'PA', :at)"
    do(scene.sessions, stay, s=seminar_id, p=person, at=NOON)
    return ReadRoom(seminar_id=seminar_id)


def _align(scene: Scene) -> Message:
    seminar_id, person = _live(scene)
    return AlignParticipant(seminar_id=seminar_id, profile_id=person)


def _mute(scene: Scene) -> Message:
    seminar_id, person = _live(scene)
    return MuteParticipant(seminar_id=seminar_id, profile_id=person)


def _event(kind: str) -> Cause:
    def cause(scene: Scene) -> Message:
        seminar_id, person = _live(scene)
        scene.webhooks.store(room_event("participant_joined", seminar_id, person, NOON))
        if kind != "participant_joined":
            scene.webhooks.run_jobs()
            scene.webhooks.store(room_event(kind, seminar_id, person, NOON + timedelta(minutes=5)))
        scene.forget_jobs()
        return ProcessWebhook(event_id=scene.id_of("select id from app.webhook_events where state = 'received'"))

    return cause


SEMINAR_CAUSES: Final[Mapping[str, Cause]] = {
    ConfirmSeat.kind: _confirm,
    f"{ConfirmSeat.kind} too late": _confirm_gone,
    ReleaseSeats.kind: _release,
    TendSeats.kind: _tend,
    CancelSeminar.kind: _cancel,
    ReturnItem.kind: _return,
    AdvanceSeminars.kind: _advance,
    ProvisionRoom.kind: _provision,
    CloseRoom.kind: _close,
    ReadRoom.kind: _read,
    AlignParticipant.kind: _align,
    MuteParticipant.kind: _mute,
    f"{ProcessWebhook.kind} room_joined": _event("participant_joined"),
    f"{ProcessWebhook.kind} room_left": _event("participant_left"),
    f"{ProcessWebhook.kind} room_ended": _event("room_finished"),
}
