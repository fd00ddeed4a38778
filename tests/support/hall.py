"""A seminar whose doors are open, and who is in its room."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from core.webhooks.new_event import NewEvent
from db.models import Attendance
from tests.support.api_harness import User
from tests.support.fake_rooms import FakeRooms
from tests.support.refund_harness import RefundHarness
from tests.support.workers import ROOM_KINDS

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hall:
    """A seminar whose doors are open, its room, and one with a seat."""

    shop: RefundHarness
    rooms: FakeRooms
    seminar_id: UUID
    teacher: User
    buyer: User
    now: datetime

    @property
    def room(self) -> str:
        return f"seminar-{self.seminar_id}"

    def tell(self, *events: NewEvent) -> None:
        """Store events, and run what follows."""
        for event in events:
            self.shop.webhooks.store(event)
            self.run()

    def run(self) -> None:
        """Run everything that is due; what calls the room by its task."""
        self.shop.run(*ROOM_KINDS)

    def stays(self) -> list[tuple[UUID, float, float | None]]:
        """Who came and left, in minutes from now."""
        with self.shop.sessions() as session:
            rows = session.scalars(
                select(Attendance).where(Attendance.seminar_id == self.seminar_id).order_by(Attendance.joined_at)
            )
            return [
                (row.profile_id, self._minutes(row.joined_at), row.left_at and self._minutes(row.left_at))
                for row in rows
            ]

    def _minutes(self, at: datetime) -> float:
        return round((at - self.now) / MINUTE, 1)
