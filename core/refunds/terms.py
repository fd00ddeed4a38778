"""Until when, and up to which progress, a buyer can ask for a line's money, by the terms of the time of the order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core.offers.progress import Progress, progress_of
from core.problems import Conflict
from core.refunds.lines import Line
from core.refunds.problems import ItemRefunded, RefundProgressOver, RefundTimeOver
from db.models import Order


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one line; `until` is None if the buyer cannot ask at all, or nothing was paid yet.

    `progress` and `max_progress` are whole percents. `refusal` says why the buyer cannot ask now.
    """

    line: Line
    until: datetime | None
    progress: int
    max_progress: int
    refusal: Conflict | None


def terms_of(session: Session, order: Order, lines: Sequence[Line], now: datetime) -> list[Terms]:
    """The terms of each of these lines of an order."""
    courses = [line.item.course_id for line in lines if line.item.course_id]
    progress = progress_of(session, order.profile_id, courses)
    return [_terms(order, line, progress, now) for line in lines]


def _terms(order: Order, line: Line, progress: Mapping[UUID, Progress], now: datetime) -> Terms:
    days, most = line.item.refund_days, line.item.refund_max_progress
    until = order.paid_at + timedelta(days=days) if order.paid_at and days else None
    course_id = line.item.course_id
    percent = progress.get(course_id, Progress()).percent if course_id else 0
    return Terms(line, until, percent, most, _refusal(line, until, percent, now))


def _refusal(line: Line, until: datetime | None, percent: int, now: datetime) -> Conflict | None:
    title, most = line.item.title, line.item.refund_max_progress
    if line.given_back:
        return ItemRefunded(f"{title}: its money was given back, or is on its way back.")
    if until is None:
        return RefundTimeOver(f"{title}: the buyer cannot ask for a refund; ask the teacher.")
    if now > until:
        return RefundTimeOver(f"{title}: a refund could be asked for until {until.isoformat()}; ask the teacher.")
    if percent > most:
        return RefundProgressOver(f"{title}: {percent} % are completed; a refund is possible up to {most} %.")
    return None
