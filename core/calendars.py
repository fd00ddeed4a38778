"""Calendars that other programs read: iCalendar (RFC 5545)."""

from collections.abc import Iterable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from icalendar import Calendar, Component, Event

from db.models import Seminar

C = TypeVar("C", bound=Component)


def calendar_of(seminars: Iterable[Seminar], site_url: str) -> bytes:
    """Seminars as a calendar. One that was changed, moved or cancelled has a larger SEQUENCE under the same UID."""
    calendar = _filled(Calendar(), {"prodid": "-//Aula//Seminars//EN", "version": "2.0", "method": "PUBLISH"})
    for seminar in seminars:
        calendar.add_component(_event(seminar, site_url))
    return calendar.to_ical()


def _event(seminar: Seminar, site_url: str) -> Event:
    values = {
        "uid": f"seminar-{seminar.id}@{urlsplit(site_url).hostname}",
        "dtstamp": seminar.updated_at,
        "sequence": int(seminar.updated_at.timestamp()),
        "dtstart": seminar.starts_at,
        "dtend": seminar.ends_at,
        "summary": seminar.title,
        "description": seminar.description,
        "url": f"{site_url}/seminar/{seminar.id}",
        "status": "CANCELLED" if seminar.state == "cancelled" else "CONFIRMED",
    }
    return _filled(Event(), values)


def _filled(component: C, values: Mapping[str, object]) -> C:
    for name, value in values.items():
        component.add(name, value)  # pyright: ignore[reportUnknownMemberType] - untyped in the library
    return component
