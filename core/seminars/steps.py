"""What is due for a seminar at a time: a pure rule, so that a machine that was down catches up by it."""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from core.offers.seats import ANNOUNCED
from db.models import Seminar

# Before the start.
PROVISION: Final = timedelta(minutes=30)
DOORS: Final = timedelta(minutes=15)
WARNING: Final = timedelta(minutes=10)
DAY: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)
# After the end.
CLOSE: Final = timedelta(minutes=15)


class Step(Enum):
    """Each is taken once for a seminar, and again for another time of it."""

    PROVISION = auto()
    WARN = auto()
    OPEN = auto()
    REMIND_DAY = auto()
    REMIND_HOUR = auto()
    CLOSE = auto()


def due(seminar: Seminar, now: datetime) -> set[Step]:
    """The steps that are due now.

    What is over is not made up for: there is no reminder after the start, and no room after the end.
    """
    if seminar.state == "cancelled":
        return {Step.CLOSE} if seminar.closed_at is None else set()
    if seminar.state not in ANNOUNCED:
        return set()
    if now >= seminar.ends_at + CLOSE:
        return {Step.CLOSE}
    return _before_the_end(seminar, now) | _reminders(seminar, now)


def _before_the_end(seminar: Seminar, now: datetime) -> set[Step]:
    left = seminar.starts_at - now
    found: set[Step] = set()
    if now >= seminar.ends_at:
        return found
    if seminar.state == "published" and left <= PROVISION:
        found.add(Step.PROVISION)
        if left <= WARNING:
            found.add(Step.WARN)
    if seminar.state == "provisioned" and left <= DOORS:
        found.add(Step.OPEN)
    return found


def _reminders(seminar: Seminar, now: datetime) -> set[Step]:
    left = seminar.starts_at - now
    if timedelta() < left <= HOUR and seminar.reminded_hour != seminar.starts_at:
        return {Step.REMIND_HOUR}
    if HOUR < left <= DAY and seminar.reminded_day != seminar.starts_at:
        return {Step.REMIND_DAY}
    return set()
