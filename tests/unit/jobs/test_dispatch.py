"""The relay's memory, held to what it must never do by any sequence of events."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.jobs.batch import Batch
from core.jobs.dispatch import ALONE_AT_ONCE, LINGER, START, DispatchState, Lane, Watermark

SLOTS, SIZE, SLOT_SECONDS = 2, 3, 10.0
KINDS = ["orders.fulfil", "mail.send"]
LANES = [Lane(kind, priority) for kind in KINDS for priority in (0, 1, 2)]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def make() -> DispatchState:
    return DispatchState(SLOTS, SIZE, SLOT_SECONDS)


def batch(kind: str) -> Batch:
    return Batch(kind, uuid4(), 1, isolated=False, job_ids=(uuid4(),))


def test_an_urgent_lane_goes_first_and_alone_of_its_kind() -> None:
    lanes = make()
    lanes.wake(LANES)
    assert [(one.lane, one.quota) for one in lanes.requests(0.0)] == [
        (Lane("mail.send", 0), SLOTS * SIZE),
        (Lane("orders.fulfil", 0), SLOTS * SIZE),
    ]


def test_slots_are_shared_and_a_kind_without_any_has_one_of_its_own() -> None:
    lanes = make()
    lanes.wake(LANES)
    running = [batch("mail.send") for _ in range(SLOTS)]
    for one in running:
        lanes.dispatched([one], 0.0)
    assert [(one.lane.kind, one.quota) for one in lanes.requests(0.0)] == [("orders.fulfil", SIZE)]
    lanes.dispatched([batch("orders.fulfil")], 0.0)
    assert lanes.requests(LINGER) == []
    lanes.finished(running[0].id)
    assert lanes.requests(LINGER) == []
    lanes.finished(running[1].id)
    both = [("mail.send", SIZE), ("orders.fulfil", SIZE)]
    assert [(one.lane.kind, one.quota) for one in lanes.requests(LINGER)] == both


def test_a_kind_waits_for_its_own_batch_but_not_for_long() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    first = batch(LANES[0].kind)
    lanes.dispatched([first], 1.0)
    assert lanes.requests(1.0 + LINGER / 2) == []
    assert lanes.waiting
    assert [one.quota for one in lanes.requests(1.0 + LINGER)] == [(SLOTS - 1) * SIZE]
    lanes.finished(first.id)
    assert [one.quota for one in lanes.requests(1.0 + LINGER / 2)] == [SLOTS * SIZE]


def test_a_backlog_does_not_wait_for_its_own_batch() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    lanes.claimed(request, request.quota, None)
    lanes.dispatched([batch(LANES[0].kind)], 0.0)
    assert [one.quota for one in lanes.requests(0.0)] == [SLOTS * SIZE]


def test_nothing_waits_where_all_that_is_awake_is_left_alone() -> None:
    lanes = make()
    assert not lanes.waiting
    lanes.wake([LANES[0]])
    assert lanes.waiting
    lanes.set_paused_or_limited([LANES[0].kind])
    assert not lanes.waiting


def test_a_kind_whose_messages_pile_up_is_left_alone_until_they_do_not() -> None:
    lanes = make()
    lanes.wake(LANES)
    lanes.set_saturated(["mail.send"])
    assert lanes.saturated
    assert [one.lane.kind for one in lanes.requests(0.0)] == ["orders.fulfil"]
    lanes.set_saturated([])
    assert not lanes.saturated
    assert [one.lane.kind for one in lanes.requests(0.0)] == ["mail.send", "orders.fulfil"]


def test_a_kind_that_is_held_is_asked_for_once_it_is_not_and_from_the_start_if_that_was_due() -> None:
    lanes = make()
    lanes.rescan([LANES[0]])
    lanes.set_paused_or_limited([LANES[0].kind])
    assert lanes.requests(0.0) == []
    assert not lanes.rescanning
    lanes.set_paused_or_limited([])
    assert lanes.rescanning
    assert [(one.lane, one.after) for one in lanes.requests(0.0)] == [(LANES[0], START)]


def test_a_lane_whose_jobs_run_alone_is_asked_for_few_until_they_do_not() -> None:
    lanes = DispatchState(SLOTS, 200, SLOT_SECONDS)
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    # What nobody knows yet may be jobs that run alone.
    assert request.quota == SLOTS * ALONE_AT_ONCE
    lanes.claimed(request, request.quota, None)
    (request,) = lanes.requests(0.0)
    assert request.quota == (SLOTS + 1) * 200
    lanes.claimed(request, request.quota, None, alone=True)
    (request,) = lanes.requests(0.0)
    assert request.quota == (SLOTS + 1) * ALONE_AT_ONCE


def test_one_batch_more_is_in_flight_while_there_is_a_backlog() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    assert request.quota == SLOTS * SIZE
    lanes.claimed(request, request.quota, None)
    for _ in range(SLOTS):
        lanes.dispatched([batch(request.lane.kind)], 0.0)
    (request,) = lanes.requests(0.0)
    assert request.quota == SIZE
    lanes.claimed(request, 1, None)
    lanes.wake([LANES[0]])
    assert lanes.requests(0.0) == []


def test_a_lane_that_gave_less_than_was_asked_for_sleeps() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    lanes.claimed(request, request.quota - 1, None)
    assert lanes.requests(0.0) == []
    lanes.wake([LANES[0]])
    assert [one.lane for one in lanes.requests(0.0)] == [LANES[0]]


def test_a_full_claim_reads_on_behind_its_last_job() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    assert request.after == START
    last = Watermark(NOON, uuid4())
    lanes.claimed(request, request.quota, last)
    assert [one.after for one in lanes.requests(0.0)] == [last]


def test_a_lane_read_to_its_end_is_read_again_from_a_little_earlier() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    lanes.claimed(request, 1, Watermark(NOON, uuid4()))
    lanes.wake([LANES[0]])
    (again,) = lanes.requests(0.0)
    assert NOON - timedelta(seconds=1) < again.after.run_at < NOON
    assert again.after.job_id == UUID(int=0)


def test_the_margin_never_leads_back_behind_what_was_read_before() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    first = Watermark(NOON, uuid4())
    lanes.claimed(request, request.quota, first)
    (request,) = lanes.requests(0.0)
    lanes.claimed(request, 1, Watermark(NOON + timedelta(milliseconds=1), uuid4()))
    lanes.wake([LANES[0]])
    assert [one.after for one in lanes.requests(0.0)] == [first]


def test_a_rescan_reads_from_the_beginning() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    lanes.claimed(request, request.quota, Watermark(NOON, uuid4()))
    lanes.rescan([LANES[0]])
    assert lanes.rescanning
    assert [one.after for one in lanes.requests(0.0)] == [START]


def test_after_a_rescan_that_found_little_a_lane_is_read_on_from_where_it_was() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    (request,) = lanes.requests(0.0)
    mark = Watermark(NOON, uuid4())
    lanes.claimed(request, request.quota, mark)
    straggler = Watermark(NOON - timedelta(hours=1), uuid4())
    for found in (None, straggler):
        lanes.rescan([LANES[0]])
        (request,) = lanes.requests(0.0)
        lanes.claimed(request, 1 if found else 0, found)
        assert not lanes.rescanning
        lanes.wake([LANES[0]])
        assert [one.after for one in lanes.requests(0.0)] == [mark]


def test_a_slot_is_free_again_when_its_batch_is_over_or_long_gone() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    first, second = batch(LANES[0].kind), batch(LANES[0].kind)
    lanes.dispatched([first, second], 0.0)
    assert lanes.requests(1.0) == []
    lanes.finished(first.id)
    assert [one.quota for one in lanes.requests(1.0)] == [SIZE]
    assert [one.quota for one in lanes.requests(SLOT_SECONDS)] == [SLOTS * SIZE]


def test_forgetting_frees_every_slot() -> None:
    lanes = make()
    lanes.wake([LANES[0]])
    for _ in range(SLOTS):
        lanes.dispatched([batch(LANES[0].kind)], 0.0)
    lanes.forget()
    assert [one.quota for one in lanes.requests(0.0)] == [SLOTS * SIZE]


@pytest.mark.parametrize("notice", ["", "mail.send", "mail.send x", "mail.send 1 2"])
def test_a_garbled_notice_is_refused(notice: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Lane.parse(notice)


def test_a_notice_names_a_lane() -> None:
    assert Lane.parse("mail.send 2") == Lane("mail.send", 2)


class Relaying(RuleBasedStateMachine):
    """Jobs are committed, noticed, claimed and finished in any order; a lane with work is always found in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes = make()
        self.waiting: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self.noticed: set[Lane] = set()
        self.running: list[Batch] = []
        self.now = 0.0
        self.moment = NOON

    @rule(lane=st.sampled_from(LANES), count=st.integers(1, 20))
    def commit(self, lane: Lane, count: int) -> None:
        self.waiting[lane] += count
        self.noticed.add(lane)
        self.lanes.wake([lane])

    @rule()
    def claim(self) -> None:
        for request in self.lanes.requests(self.now):
            got = min(request.quota, self.waiting[request.lane])
            self.waiting[request.lane] -= got
            self.moment += timedelta(seconds=1)
            self.lanes.claimed(request, got, Watermark(self.moment, uuid4()) if got else None)
            if got < request.quota:
                self.noticed.discard(request.lane)
            for _ in range(-(-got // SIZE)):
                self.running.append(batch(request.lane.kind))
                self.lanes.dispatched([self.running[-1]], self.now)

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        if self.running:
            over = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
            self.lanes.finished(over.id)

    @rule()
    def notices_are_lost(self) -> None:
        """A worker dies without a word: its slots come back by time."""
        self.running.clear()
        self.now += SLOT_SECONDS

    @invariant()
    def slots_cap(self) -> None:
        for kind in KINDS:
            assert sum(one.kind == kind for one in self.running) <= SLOTS + 1

    @invariant()
    def a_kind_with_work_and_no_batch_is_asked(self) -> None:
        asked = {request.lane.kind for request in self.lanes.requests(self.now)}
        for lane in self.noticed:
            if self.waiting[lane] and lane.kind not in {one.kind for one in self.running}:
                assert lane.kind in asked

    @invariant()
    def no_slot_stays_free_for_long_while_there_is_work(self) -> None:
        if len(self.running) < SLOTS and any(self.waiting[lane] for lane in self.noticed):
            assert self.lanes.requests(self.now + LINGER)

    def teardown(self) -> None:
        """Whatever happened before: claiming and finishing drains it all."""
        for _ in range(1000):
            if not any(self.waiting.values()):
                return
            self.claim()
            for over in self.running:
                self.lanes.finished(over.id)
            self.running.clear()
        raise AssertionError(f"asleep with work: {self.waiting}")


Relaying.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestRelaying = Relaying.TestCase
