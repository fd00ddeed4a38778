"""DispatchState, by examples and by random sequences of events."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.jobs.batch import Batch
from core.jobs.dispatch import LINGER, START, DispatchState, Lane, Watermark

SLOTS, SIZE, SLOT_SECONDS = 2, 3, 10.0
KINDS = ["orders.fulfil", "mail.send"]
LANES = [Lane(kind, priority) for kind in KINDS for priority in (0, 1, 2)]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def make_state() -> DispatchState:
    return DispatchState(SLOTS, SIZE, SLOT_SECONDS)


def batch(kind: str) -> Batch:
    return Batch(kind, uuid4(), 1, isolated=False, job_ids=(uuid4(),))


def test_only_the_most_urgent_lane_of_a_kind_is_requested() -> None:
    state = make_state()
    state.wake(LANES)
    assert [(one.lane, one.quota) for one in state.requests(0.0)] == [
        (Lane("mail.send", 0), SLOTS * SIZE),
        (Lane("orders.fulfil", 0), SLOTS * SIZE),
    ]


def test_kinds_share_slots_and_a_kind_without_a_batch_gets_one() -> None:
    state = make_state()
    state.wake(LANES)
    running = [batch("mail.send") for _ in range(SLOTS)]
    for one in running:
        state.dispatched([one], 0.0)
    assert [(one.lane.kind, one.quota) for one in state.requests(0.0)] == [("orders.fulfil", SIZE)]
    state.dispatched([batch("orders.fulfil")], 0.0)
    assert state.requests(LINGER) == []
    state.finished(running[0].id)
    assert state.requests(LINGER) == []
    state.finished(running[1].id)
    both = [("mail.send", SIZE), ("orders.fulfil", SIZE)]
    assert [(one.lane.kind, one.quota) for one in state.requests(LINGER)] == both


def test_a_kind_with_a_batch_in_flight_lingers_before_the_next() -> None:
    state = make_state()
    state.wake([LANES[0]])
    first = batch(LANES[0].kind)
    state.dispatched([first], 1.0)
    assert state.requests(1.0 + LINGER / 2) == []
    assert state.waiting
    assert [one.quota for one in state.requests(1.0 + LINGER)] == [(SLOTS - 1) * SIZE]
    state.finished(first.id)
    assert [one.quota for one in state.requests(1.0 + LINGER / 2)] == [SLOTS * SIZE]


def test_a_backlog_does_not_linger() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    state.claimed(request, request.quota, None)
    state.dispatched([batch(LANES[0].kind)], 0.0)
    assert [one.quota for one in state.requests(0.0)] == [SLOTS * SIZE]


def test_a_paused_or_limited_lane_is_not_waiting() -> None:
    state = make_state()
    assert not state.waiting
    state.wake([LANES[0]])
    assert state.waiting
    state.set_paused_or_limited([LANES[0].kind])
    assert not state.waiting


def test_a_saturated_kind_is_not_requested() -> None:
    state = make_state()
    state.wake(LANES)
    state.set_saturated(["mail.send"])
    assert state.saturated
    assert [one.lane.kind for one in state.requests(0.0)] == ["orders.fulfil"]
    state.set_saturated([])
    assert not state.saturated
    assert [one.lane.kind for one in state.requests(0.0)] == ["mail.send", "orders.fulfil"]


def test_a_resumed_kind_is_requested_and_a_due_rescan_is_not_lost() -> None:
    state = make_state()
    state.rescan([LANES[0]])
    state.set_paused_or_limited([LANES[0].kind])
    assert state.requests(0.0) == []
    assert not state.rescanning
    state.set_paused_or_limited([])
    assert state.rescanning
    assert [(one.lane, one.after) for one in state.requests(0.0)] == [(LANES[0], START)]


def test_isolated_kinds_take_no_slot_and_are_left_out_like_others() -> None:
    state = make_state()
    for _ in range(SLOTS):
        state.dispatched([batch("mail.send")], 0.0)
    state.isolated.wake(KINDS)
    assert state.isolated_kinds(0.0) == sorted(KINDS)
    state.set_saturated(["mail.send"])
    state.set_paused_or_limited(["orders.fulfil"])
    assert state.isolated_kinds(0.0) == []


@pytest.mark.parametrize("notice", ["mail.send 1", "mail.send isolated"])
def test_a_notification_wakes_its_lane_if_the_kind_is_known(notice: str) -> None:
    state = make_state()
    state.notified(notice, [])
    assert (state.requests(0.0), state.isolated_kinds(0.0)) == ([], [])
    state.notified(notice, KINDS)
    isolated = "isolated" in notice
    assert [one.lane.kind for one in state.requests(0.0)] == ([] if isolated else ["mail.send"])
    assert state.isolated_kinds(0.0) == (["mail.send"] if isolated else [])


def test_the_end_of_an_isolated_batch_lets_the_next_be_claimed() -> None:
    state = make_state()
    state.isolated.wake(["mail.send"])
    first, second = batch("mail.send"), batch("mail.send")
    state.isolated.claimed(["mail.send"], [first], 0.0)
    assert state.isolated_kinds(0.0) == []
    state.finished(first.id)
    assert state.isolated_kinds(0.0) == ["mail.send"]
    state.isolated.claimed(["mail.send"], [second], 0.0)
    state.forget_in_flight()
    assert state.isolated_kinds(0.0) == ["mail.send"]


def test_a_backlog_gets_one_batch_more_than_slots() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    assert request.quota == SLOTS * SIZE
    state.claimed(request, request.quota, None)
    for _ in range(SLOTS):
        state.dispatched([batch(request.lane.kind)], 0.0)
    (request,) = state.requests(0.0)
    assert request.quota == SIZE
    state.claimed(request, 1, None)
    state.wake([LANES[0]])
    assert state.requests(0.0) == []


def test_a_lane_that_gave_less_than_its_quota_sleeps() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    state.claimed(request, request.quota - 1, None)
    assert state.requests(0.0) == []
    state.wake([LANES[0]])
    assert [one.lane for one in state.requests(0.0)] == [LANES[0]]


def test_a_full_claim_continues_after_its_last_job() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    assert request.after == START
    last = Watermark(NOON, uuid4())
    state.claimed(request, request.quota, last)
    assert [one.after for one in state.requests(0.0)] == [last]


def test_a_lane_read_to_its_end_is_read_again_with_a_margin() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    state.claimed(request, 1, Watermark(NOON, uuid4()))
    state.wake([LANES[0]])
    (again,) = state.requests(0.0)
    assert NOON - timedelta(seconds=1) < again.after.run_at < NOON
    assert again.after.job_id == UUID(int=0)


def test_the_margin_never_goes_back_before_the_previous_watermark() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    first = Watermark(NOON, uuid4())
    state.claimed(request, request.quota, first)
    (request,) = state.requests(0.0)
    state.claimed(request, 1, Watermark(NOON + timedelta(milliseconds=1), uuid4()))
    state.wake([LANES[0]])
    assert [one.after for one in state.requests(0.0)] == [first]


def test_a_rescan_reads_from_the_start() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    state.claimed(request, request.quota, Watermark(NOON, uuid4()))
    state.rescan([LANES[0]])
    assert state.rescanning
    assert [one.after for one in state.requests(0.0)] == [START]


def test_a_rescan_that_found_little_keeps_the_watermark() -> None:
    state = make_state()
    state.wake([LANES[0]])
    (request,) = state.requests(0.0)
    mark = Watermark(NOON, uuid4())
    state.claimed(request, request.quota, mark)
    straggler = Watermark(NOON - timedelta(hours=1), uuid4())
    for found in (None, straggler):
        state.rescan([LANES[0]])
        (request,) = state.requests(0.0)
        state.claimed(request, 1 if found else 0, found)
        assert not state.rescanning
        state.wake([LANES[0]])
        assert [one.after for one in state.requests(0.0)] == [mark]


def test_a_slot_is_free_when_its_batch_finishes_or_times_out() -> None:
    state = make_state()
    state.wake([LANES[0]])
    first, second = batch(LANES[0].kind), batch(LANES[0].kind)
    state.dispatched([first, second], 0.0)
    assert state.requests(1.0) == []
    state.finished(first.id)
    assert [one.quota for one in state.requests(1.0)] == [SIZE]
    assert [one.quota for one in state.requests(SLOT_SECONDS)] == [SLOTS * SIZE]


def test_forget_in_flight_frees_every_slot() -> None:
    state = make_state()
    state.wake([LANES[0]])
    for _ in range(SLOTS):
        state.dispatched([batch(LANES[0].kind)], 0.0)
    state.forget_in_flight()
    assert [one.quota for one in state.requests(0.0)] == [SLOTS * SIZE]


@pytest.mark.parametrize("notification", ["", "mail.send", "mail.send x", "mail.send 1 2"])
def test_a_malformed_notification_is_refused(notification: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Lane.parse(notification)


def test_a_notification_names_a_lane() -> None:
    assert Lane.parse("mail.send 2") == Lane("mail.send", 2)


class DispatchMachine(RuleBasedStateMachine):
    """Jobs are committed, claimed and finished in any order; every lane with work is requested in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.state = make_state()
        self.waiting: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self.notified: set[Lane] = set()
        self.running: list[Batch] = []
        self.now = 0.0
        self.moment = NOON

    @rule(lane=st.sampled_from(LANES), count=st.integers(1, 20))
    def commit(self, lane: Lane, count: int) -> None:
        self.waiting[lane] += count
        self.notified.add(lane)
        self.state.wake([lane])

    @rule()
    def claim(self) -> None:
        for request in self.state.requests(self.now):
            got = min(request.quota, self.waiting[request.lane])
            self.waiting[request.lane] -= got
            self.moment += timedelta(seconds=1)
            self.state.claimed(request, got, Watermark(self.moment, uuid4()) if got else None)
            if got < request.quota:
                self.notified.discard(request.lane)
            for _ in range(-(-got // SIZE)):
                self.running.append(batch(request.lane.kind))
                self.state.dispatched([self.running[-1]], self.now)

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        if self.running:
            over = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
            self.state.finished(over.id)

    @rule()
    def notifications_are_lost(self) -> None:
        """A worker dies without a notification: its slots are free after the timeout."""
        self.running.clear()
        self.now += SLOT_SECONDS

    @invariant()
    def batches_never_exceed_the_slots(self) -> None:
        for kind in KINDS:
            assert sum(one.kind == kind for one in self.running) <= SLOTS + 1

    @invariant()
    def a_kind_with_work_and_no_batch_is_requested(self) -> None:
        requested = {request.lane.kind for request in self.state.requests(self.now)}
        for lane in self.notified:
            if self.waiting[lane] and lane.kind not in {one.kind for one in self.running}:
                assert lane.kind in requested

    @invariant()
    def no_slot_stays_free_for_long_while_there_is_work(self) -> None:
        if len(self.running) < SLOTS and any(self.waiting[lane] for lane in self.notified):
            assert self.state.requests(self.now + LINGER)

    def teardown(self) -> None:
        """Claiming and finishing drains all lanes from any state."""
        for _ in range(1000):
            if not any(self.waiting.values()):
                return
            self.claim()
            for over in self.running:
                self.state.finished(over.id)
            self.running.clear()
        raise AssertionError(f"asleep with work: {self.waiting}")


DispatchMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestDispatchMachine = DispatchMachine.TestCase
