"""Emails about seminars."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.calendars import calendar_of
from core.formats import moment
from core.mail.content import Content, Reading
from db.models import Seminar, SeminarSeat

# What changes the reader's calendar, or reminds of it.
_WITH_CALENDAR: Final = frozenset({
    "seat_subject", "seminar_moved_subject", "seminar_cancelled_subject", "seminar_tomorrow_subject",
    "seminar_soon_subject",
})  # fmt: skip


def seat(reading: Reading, params: Mapping[str, str]) -> Content:
    """The reader has a seat."""
    return _about(reading, params, "seat_subject", "seat_body")


def seat_gone(reading: Reading, params: Mapping[str, str]) -> Content:
    """No seat was left when the payment came."""
    return _about(reading, params, "seat_gone_subject", "seat_gone_body")


def seat_offered(reading: Reading, params: Mapping[str, str]) -> Content:
    """A seat is offered to the reader for a time."""
    until = moment(datetime.fromisoformat(params["until"]), reading.language)
    return _about(reading, params, "seat_offered_subject", "seat_offered_body", until=until)


def moved(reading: Reading, params: Mapping[str, str]) -> Content:
    """The seminar has another time."""
    return _about(reading, params, "seminar_moved_subject", "seminar_moved_body")


def cancelled(reading: Reading, params: Mapping[str, str]) -> Content:
    """The seminar is cancelled."""
    return _about(reading, params, "seminar_cancelled_subject", "seminar_cancelled_body")


def tomorrow(reading: Reading, params: Mapping[str, str]) -> Content:
    """The seminar begins within a day."""
    return _about(reading, params, "seminar_tomorrow_subject", "seminar_reminder_body")


def soon(reading: Reading, params: Mapping[str, str]) -> Content:
    """The seminar begins within the hour."""
    return _about(reading, params, "seminar_soon_subject", "seminar_reminder_body")


def _about(reading: Reading, params: Mapping[str, str], subject: str, body: str, **values: str) -> Content:
    seminar = reading.session.get_one(Seminar, UUID(params["seminar_id"]))
    told = {"title": seminar.title, "when": moment(seminar.starts_at, reading.language), **values}
    attached = _has_calendar(reading, seminar, subject)
    return Content(
        reading.say(subject, **told),
        [reading.say(body, **told)],
        links=[reading.page("to_seminar", f"/seminar/{seminar.id}")],
        calendar=calendar_of([seminar], reading.addresses.site_url) if attached else None,
    )


def _has_calendar(reading: Reading, seminar: Seminar, subject: str) -> bool:
    """Who waits for a seat is told of another time too, but does not go there yet."""
    if subject == "seminar_moved_subject":
        own = (SeminarSeat.seminar_id == seminar.id) & (SeminarSeat.profile_id == reading.reader.id)
        return reading.session.scalar(select(SeminarSeat.id).where(own, SeminarSeat.state == "confirmed")) is not None
    return subject in _WITH_CALENDAR
