"""Isolation: the sizes of batches after failures, and which kinds have isolated jobs to claim."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs.batch import Batch
from core.jobs.isolation import LIMITS, IsolatedKinds, narrower

SLOT_SECONDS = 5.0
MAIL, FULFIL = "mail.send", "orders.fulfil"


def batch(kind: str) -> Batch:
    return Batch(kind, uuid4(), 1, isolated=False, job_ids=(uuid4(), uuid4()))


@pytest.mark.parametrize(("size", "limit"), [(1000, 64), (500, 64), (65, 64), (64, 8), (9, 8), (8, 1), (2, 1), (1, 1)])
def test_jobs_of_a_failed_batch_run_in_the_next_smaller_one(size: int, limit: int) -> None:
    assert narrower(size) == limit


@given(count=st.integers(1, 1000), data=st.data())
def test_one_faulty_job_costs_a_handful_of_small_batches(count: int, data: st.DataObject) -> None:
    """Each failed batch is cut into smaller ones, until the faulty job runs alone; all others have succeeded then."""
    faulty = data.draw(st.integers(0, count - 1))
    waiting, runs, alone = [range(count)], 0, 0
    while waiting:
        jobs = waiting.pop()
        runs += 1
        if faulty not in jobs:
            continue
        if len(jobs) == 1:
            alone += 1
            continue
        limit = narrower(len(jobs))
        waiting += [jobs[start : start + limit] for start in range(0, len(jobs), limit)]
    assert alone == 1
    assert runs <= 1 + -(-count // LIMITS[0]) + LIMITS[0] // LIMITS[1] + LIMITS[1]


def test_one_batch_of_a_kind_is_in_flight() -> None:
    kinds = IsolatedKinds(SLOT_SECONDS)
    kinds.wake([MAIL, FULFIL])
    assert kinds.wanted(0.0, []) == [MAIL, FULFIL]
    first = batch(MAIL)
    kinds.claimed([MAIL, FULFIL], [first], 0.0)
    kinds.wake([MAIL, FULFIL])
    assert kinds.wanted(0.0, []) == [FULFIL]
    kinds.finished(first.id)
    assert kinds.wanted(0.0, []) == [MAIL, FULFIL]


def test_a_kind_without_isolated_jobs_sleeps_until_it_is_woken() -> None:
    kinds = IsolatedKinds(SLOT_SECONDS)
    kinds.wake([MAIL])
    kinds.claimed([MAIL], [], 0.0)
    assert kinds.wanted(0.0, []) == []
    kinds.wake([MAIL])
    assert kinds.wanted(0.0, []) == [MAIL]


def test_a_kind_that_gave_a_batch_is_asked_again() -> None:
    kinds = IsolatedKinds(SLOT_SECONDS)
    kinds.wake([MAIL])
    only = batch(MAIL)
    kinds.claimed([MAIL], [only], 0.0)
    kinds.finished(only.id)
    assert kinds.wanted(0.0, []) == [MAIL]


def test_a_batch_whose_end_was_not_notified_is_forgotten() -> None:
    kinds = IsolatedKinds(SLOT_SECONDS)
    kinds.wake([MAIL])
    kinds.claimed([MAIL], [batch(MAIL)], 0.0)
    assert kinds.wanted(SLOT_SECONDS - 0.1, []) == []
    assert kinds.wanted(SLOT_SECONDS, []) == [MAIL]


def test_a_kind_that_is_left_out_stays_awake() -> None:
    kinds = IsolatedKinds(SLOT_SECONDS)
    kinds.wake([MAIL])
    assert kinds.wanted(0.0, [MAIL]) == []
    assert kinds.wanted(0.0, []) == [MAIL]
