"""A seminar's life by the schedule: its room, its doors, reminders and its end, each once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from core.findings.close import close_resolved
from core.messages import CloseRoom, ProvisionRoom
from core.ports.errors import GatewayUnavailable
from core.seminars.advance import advance
from core.seminars.authoring import edit
from core.seminars.cancel import cancel_all
from core.seminars.inputs import SeminarEdit
from core.seminars.rooms import finish_end, finish_room, prepare_end, prepare_room
from db.models import Attendance, Job, Seminar, SeminarSeat
from tests.support.concurrency import run_concurrently
from tests.support.fake_rooms import FakeRooms
from tests.support.jobs import do, value
from tests.support.refund_harness import RefundHarness

REMINDERS = ("seminar_tomorrow", "seminar_soon")
MINUTE = timedelta(minutes=1)
# The clocks go forward in the night before: 18:00 is 16:00 UTC.
START = datetime(2030, 3, 31, 16, tzinfo=UTC)
END = START + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Life:
    """A seminar, the schedule with an injected time, and the server of rooms."""

    shop: RefundHarness
    item: dict[str, object]
    rooms: FakeRooms

    @property
    def id(self) -> UUID:
        return UUID(str(self.item["seminar_id"]))

    def tick(self, now: datetime) -> None:
        """What beat and the workers do at this time."""
        self.advance(now)
        for job in self._jobs("seminars.provision"):
            with self.shop.sessions.begin() as session:
                call = prepare_room(session, ProvisionRoom.read(job), now)
            if call:
                call.make(self.rooms)
                with self.shop.sessions.begin() as session:
                    finish_room(session, call, now)
        for job in self._jobs("seminars.close"):
            with self.shop.sessions.begin() as session:
                call = prepare_end(session, CloseRoom.read(job))
            if call:
                call.make(self.rooms)
                with self.shop.sessions.begin() as session:
                    finish_end(session, call, now)
        do(self.shop.sessions, "delete from app.jobs where kind in ('seminars.provision', 'seminars.close')")

    def advance(self, now: datetime) -> None:
        with self.shop.sessions.begin() as session:
            advance(session, now)

    def seminar(self) -> Seminar:
        with self.shop.sessions() as session:
            return session.get_one(Seminar, self.id)

    def findings(self) -> int:
        with self.shop.sessions.begin() as session:
            close_resolved(session)
        counted = "select count(*) from app.findings where kind = 'room_missing' and closed_at is null"
        return int(str(value(self.shop.sessions, counted)))

    def _jobs(self, kind: str) -> list[dict[str, object]]:
        with self.shop.sessions() as session:
            return list(session.scalars(select(Job.payload).where(Job.kind == kind)))


@pytest.fixture
def life(shop: RefundHarness) -> Life:
    # Seminars of other tests are over.
    do(shop.sessions, "update app.seminars set state = 'closed', closed_at = now() where state <> 'closed'")
    item = shop.api.seminar(starts_at=START, ends_at=END)
    return Life(shop, item, FakeRooms())


def test_each_step_is_taken_once_at_its_time(life: Life) -> None:
    buyer = life.shop.buy(life.item).buyer
    seen: list[tuple[str, str]] = []
    now = START - timedelta(hours=25)
    while now <= END + 20 * MINUTE:
        for _ in range(2):
            life.tick(now)
        mails = "".join("DH"[index] for index, one in enumerate(REMINDERS) for _ in range(life.shop.mails(one)))
        state = (life.seminar().state, mails)
        if not seen or seen[-1] != state:
            seen.append(state)
        now += 5 * MINUTE
    assert seen == [
        ("published", ""),
        ("published", "D"),
        ("published", "DH"),
        ("provisioned", "DH"),
        ("open", "DH"),
        ("closed", "DH"),
    ]
    assert life.rooms.calls == ["create", "delete"]
    assert life.shop.api.seats(life.item) == {buyer.id: "confirmed"}


def test_two_beats_at_once_take_each_step_once(life: Life) -> None:
    life.shop.buy(life.item)
    run_concurrently(*[partial(life.advance, START - 30 * MINUTE)] * 4)
    assert life.shop.mails("seminar_soon") == 1
    counted = "select count(*) from app.jobs where kind = 'seminars.provision'"
    assert value(life.shop.sessions, counted) == 1


def test_a_machine_that_was_down_makes_up_for_the_room_and_for_no_reminder(life: Life) -> None:
    life.shop.buy(life.item)
    life.tick(START + 5 * MINUTE)
    life.tick(START + 6 * MINUTE)
    assert life.seminar().state == "open"
    assert [life.shop.mails(one) for one in REMINDERS] == [0, 0]
    life.tick(END + timedelta(days=2))
    assert life.seminar().state == "closed"


def test_a_seminar_that_was_missed_gets_no_room(life: Life) -> None:
    life.tick(END + timedelta(days=2))
    assert (life.seminar().state, life.rooms.calls) == ("closed", [])


def test_another_time_moves_every_step(life: Life) -> None:
    life.shop.buy(life.item)
    for minutes in (24 * 60, 30):
        life.tick(START - minutes * MINUTE)
    assert life.seminar().state == "provisioned"
    later = START + timedelta(days=3)
    with life.shop.sessions.begin() as session:
        edited = SeminarEdit(starts_at=later, ends_at=later + timedelta(hours=1))
        edit(session, life.seminar().teacher_id, life.id, edited, START - 20 * MINUTE)
    assert life.seminar().state == "published"
    life.tick(START)
    assert life.seminar().state == "published"
    for minutes in (24 * 60, 30, 15):
        life.tick(later - minutes * MINUTE)
    assert life.seminar().state == "open"
    assert [life.shop.mails(one) for one in REMINDERS] == [2, 2]


def test_an_operator_hears_of_a_room_that_is_missing_before_the_start(life: Life) -> None:
    life.rooms.fault = GatewayUnavailable("down")
    for minutes in (30, 20):
        with pytest.raises(GatewayUnavailable):
            life.tick(START - minutes * MINUTE)
    assert life.findings() == 0
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            life.tick(START - 10 * MINUTE)
    assert life.findings() == 1
    life.rooms.fault = None
    life.tick(START - 9 * MINUTE)
    # The room came late: the doors open at once.
    assert life.seminar().state == "open"
    assert life.findings() == 0


def test_the_end_keeps_who_came(life: Life) -> None:
    buyer = life.shop.buy(life.item).buyer
    waiting = life.shop.api.user()
    for minutes in (30, 15):
        life.tick(START - minutes * MINUTE)
    stay = Attendance(seminar_id=life.id, profile_id=buyer.id, joined_at=START, left_at=START + 10 * MINUTE)
    life.shop.api.add(stay)
    life.shop.api.add(Attendance(seminar_id=life.id, profile_id=buyer.id, joined_at=START + 20 * MINUTE))
    life.shop.api.add(SeminarSeat(seminar_id=life.id, profile_id=waiting.id, state="waitlisted"))
    life.tick(END + 15 * MINUTE)
    assert life.seminar().summary == {"seats": 1, "people": 1, "minutes": 50}
    assert life.shop.api.seats(life.item) == {buyer.id: "confirmed"}


def test_a_cancelled_seminar_loses_its_room(life: Life) -> None:
    life.tick(START - 30 * MINUTE)
    assert list(life.rooms.plans) == [f"seminar-{life.id}"]
    with life.shop.sessions.begin() as session:
        cancel_all(session, life.seminar().teacher_id, "ill", START - 20 * MINUTE)
    life.tick(START - 19 * MINUTE)
    assert (life.seminar().state, life.rooms.plans) == ("cancelled", {})
