"""The protocol of jobs as a model: who may change what, one commit at a time. Its actions have the names of the code.

A commit of PostgreSQL is one action, since row locks let no other come between. Batches of 64 and 8 are left out: the
jobs of a batch that failed run alone. Time is left out too: a lease may run out at any moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeVar

# More than the faults of an exploration: a healthy job is dead after so many deaths in a row, whoever caused them.
MAX_DEATHS: Final = 4
MAX_ATTEMPTS: Final = 2
T = TypeVar("T")

# `poison` kills its process, `failing` raises, `external` calls a service, `good` changes the database.
Kind = Literal["good", "poison", "failing", "external"]
# What may be left out of the protocol. Each is needed: see GUARDS.
Guard = str
GUARDS: Final[dict[Guard, str]] = {
    "complete is fenced": "a message that comes twice has its effect twice",
    "effect and completion are one commit": "a worker that dies between them repeats the effect",
    "fail is fenced": "a late failure puts back what has succeeded",
    "split is fenced": "a late failure of a batch puts back what has succeeded",
    "release is fenced": "a relay takes back what a worker has done",
    "requeue_lost is fenced": "a process that died after its commit is done again",
    "claim takes pending jobs only": "two relays let one call be made twice at a time",
    "rescue waits for the lease": "a call is repeated while it is under way",
    "rescue_all leaves external calls out": "a wiped broker repeats a call that is under way",
    "start raises the lease version": "a message that comes twice makes two calls",
    "a lost batch is isolated": "a healthy job dies with its neighbour for ever",
    "a failed batch is split": "a healthy job fails with its neighbour for ever",
    "only what runs alone is counted": "a healthy job is dead because of its neighbour",
    "a start alone is counted before": "a job kills processes for ever",
    "leases are rescued": "a lost message is a lost job",
}


class Batch(NamedTuple):
    """A Celery message: jobs with one lease version."""

    jobs: tuple[int, ...]
    version: int
    isolated: bool


class Job(NamedTuple):
    """A row of app.jobs; `ran_out` says that its lease did, `effects` and `kills` what became of it."""

    state: str = "pending"
    version: int = 0
    ran_out: bool = False
    isolated: bool = False
    attempts: int = 0
    deaths: int = 0
    effects: int = 0
    kills: int = 0


class Worker(NamedTuple):
    """A process with a batch. `lapsed`: the lease ran out while it was calling."""

    batch: Batch
    phase: Literal["received", "started", "calling", "changed"] = "received"
    lapsed: bool = False


class State(NamedTuple):
    """Everything.

    `hands` are batches that relays have claimed and not published; `unsure` are those that the broker may have.
    `orphans` are batches whose process died and whose parent has not seen it. `faults` are the faults still to come.
    """

    jobs: tuple[Job, ...]
    hands: tuple[Batch, ...] = ()
    unsure: tuple[Batch, ...] = ()
    broker: tuple[Batch, ...] = ()
    workers: tuple[Worker, ...] = ()
    orphans: tuple[Batch, ...] = ()
    wiped: bool = False
    faults: tuple[tuple[str, int], ...] = ()
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """The jobs, how many relays and workers there are, and what is left out."""

    kinds: tuple[Kind, ...]
    without: Guard | None = None
    relays: int = 2
    workers: int = 2

    def has(self, guard: Guard) -> bool:
        return guard != self.without

    def actions(self, s: State) -> Iterator[tuple[str, State]]:
        """Every action that is possible, and the state after it."""
        yield from self._relay(s)
        yield from self._broker(s)
        yield from self._worker(s)
        yield from self._rescue(s)

    def _relay(self, s: State) -> Iterator[tuple[str, State]]:
        if len(s.hands) + len(s.unsure) < self.relays:
            for batch in self._claimable(s):
                leased = {"state": "dispatched", "version": batch.version, "ran_out": False}
                jobs = _with(s.jobs, {i: s.jobs[i]._replace(**leased) for i in batch.jobs})
                yield "claim", _sorted(s._replace(jobs=jobs, hands=(*s.hands, batch)))
        for batch in set(s.hands):
            held = s._replace(hands=_less(s.hands, batch))
            yield "publish", _sorted(held._replace(broker=(*s.broker, batch)))
            for after in _spend(held, "publish fails"):
                unsure = after._replace(unsure=(*s.unsure, batch))
                yield "publish fails", _sorted(unsure)
                yield "publish fails, delivered", _sorted(unsure._replace(broker=(*s.broker, batch)))
            for after in _spend(held, "relay dies"):
                yield "relay dies", after
        for batch in set(s.unsure):
            released = self._named(s, batch, fenced=self.has("release is fenced"))
            put_back = {i: s.jobs[i]._replace(state="pending", ran_out=False) for i in released}
            yield "release", s._replace(jobs=_with(s.jobs, put_back), unsure=_less(s.unsure, batch))

    def _claimable(self, s: State) -> Iterator[Batch]:
        """Jobs that are due, of one lease version; isolated ones alone."""
        allowed = {"pending"} if self.has("claim takes pending jobs only") else {"pending", "dispatched"}
        due = [i for i, job in enumerate(s.jobs) if job.state in allowed]
        for version in {s.jobs[i].version for i in due if not s.jobs[i].isolated}:
            same = (i for i in due if not s.jobs[i].isolated and s.jobs[i].version == version)
            yield Batch(tuple(same), version + 1, isolated=False)
        yield from (Batch((i,), s.jobs[i].version + 1, isolated=True) for i in due if s.jobs[i].isolated)

    def _broker(self, s: State) -> Iterator[tuple[str, State]]:
        for batch in set(s.broker):
            if len(s.workers) < self.workers:
                received = s._replace(broker=_less(s.broker, batch), workers=(*s.workers, Worker(batch)))
                yield "receive", _sorted(received)
            for after in _spend(s, "message lost"):
                yield "message lost", after._replace(broker=_less(s.broker, batch))
            for after in _spend(s, "message doubled"):
                yield "message doubled", _sorted(after._replace(broker=(*s.broker, batch)))
        for after in _spend(s, "wipe") if s.broker else ():
            yield "wipe", after._replace(broker=(), wiped=True)

    def _worker(self, s: State) -> Iterator[tuple[str, State]]:
        for worker in set(s.workers):
            for after in _spend(s, "worker dies"):
                yield "worker dies", self._died(after, worker, ())
            if worker.phase == "received":
                yield from self._start(s, worker)
            else:
                yield from self._run(s, worker)

    def _start(self, s: State, worker: Worker) -> Iterator[tuple[str, State]]:
        batch = worker.batch
        named = self._named(s, batch)
        if self.kinds[batch.jobs[0]] == "external":
            if not named:
                yield "start finds nothing", s._replace(workers=_less(s.workers, worker))
                return
            raised = batch.version + self.has("start raises the lease version")
            started = {i: s.jobs[i]._replace(version=raised, ran_out=False) for i in named}
            calling = Worker(batch._replace(version=raised, jobs=named), "calling")
            broken = "two calls at a time" if self._is_called(s, named) else s.broken
            after = s._replace(jobs=_with(s.jobs, started), broken=broken)
            yield "start", _sorted(after._replace(workers=(*_less(s.workers, worker), calling)))
        elif batch.isolated and self.has("a start alone is counted before"):
            if not named:
                yield "count_attempt finds nothing", s._replace(workers=_less(s.workers, worker))
                return
            counted = {i: s.jobs[i]._replace(deaths=s.jobs[i].deaths + 1) for i in named}
            begun = worker._replace(phase="started")
            yield (
                "count_attempt",
                _sorted(s._replace(jobs=_with(s.jobs, counted), workers=(*_less(s.workers, worker), begun))),
            )
        else:
            yield "take", _sorted(s._replace(workers=(*_less(s.workers, worker), worker._replace(phase="started"))))

    def _run(self, s: State, worker: Worker) -> Iterator[tuple[str, State]]:
        kinds = {self.kinds[i] for i in self._named(s, worker.batch)}
        if "poison" in kinds:
            killers = tuple(i for i in worker.batch.jobs if self.kinds[i] == "poison")
            yield "the job kills its process", self._died(s, worker, killers)
            return
        if "failing" in kinds:
            yield from self._failed(s, worker)
            return
        for after in _spend(s, "error"):
            yield from self._failed(after, worker)
        if worker.phase == "started" and not self.has("effect and completion are one commit"):
            effected = self._effect(s, worker.batch)
            changed = (*_less(s.workers, worker), worker._replace(phase="changed"))
            yield "effect", _sorted(effected._replace(workers=changed))
        else:
            ended = s if worker.phase == "changed" else self._effect(s, worker.batch)
            yield "complete", self._completed(ended, worker)

    def _effect(self, s: State, batch: Batch) -> State:
        named = self._named(s, batch, fenced=self.has("complete is fenced"))
        return s._replace(jobs=_with(s.jobs, {i: s.jobs[i]._replace(effects=s.jobs[i].effects + 1) for i in named}))

    def _completed(self, s: State, worker: Worker) -> State:
        named = self._named(s, worker.batch, fenced=self.has("complete is fenced"))
        done = {i: s.jobs[i]._replace(state="succeeded", ran_out=False, deaths=0) for i in named}
        return s._replace(jobs=_with(s.jobs, done), workers=_less(s.workers, worker))

    def _failed(self, s: State, worker: Worker) -> Iterator[tuple[str, State]]:
        batch = worker.batch
        left = s._replace(workers=_less(s.workers, worker))
        together = len(batch.jobs) > 1
        named = self._named(s, batch, fenced=self.has("split is fenced" if together else "fail is fenced"))
        failed: dict[int, Job] = {}
        for i in named:
            job = s.jobs[i]._replace(ran_out=False, deaths=0)
            isolated = self.has("a failed batch is split") if together else True
            if not together or not self.has("only what runs alone is counted"):
                job = job._replace(attempts=job.attempts + 1)
            state = "dead" if job.attempts >= MAX_ATTEMPTS else "pending"
            failed[i] = job._replace(state=state, isolated=isolated)
        yield "split" if together else "fail", left._replace(jobs=_with(s.jobs, failed))

    def _died(self, s: State, worker: Worker, killers: Iterable[int]) -> State:
        killed = {i: s.jobs[i]._replace(kills=s.jobs[i].kills + 1) for i in killers}
        left = s._replace(jobs=_with(s.jobs, killed), workers=_less(s.workers, worker))
        return _sorted(left._replace(orphans=(*s.orphans, worker.batch)))

    def _rescue(self, s: State) -> Iterator[tuple[str, State]]:
        for batch in set(s.orphans):
            seen = s._replace(orphans=_less(s.orphans, batch))
            named = self._named(s, batch, fenced=self.has("requeue_lost is fenced"))
            yield "requeue_lost", seen._replace(jobs=self._lost(s, named))
            yield "nobody sees the death", seen
        for i, job in enumerate(s.jobs):
            if job.state != "dispatched":
                continue
            if not job.ran_out:
                yield from self._run_out(s, i)
            if self.has("leases are rescued") and (job.ran_out or not self.has("rescue waits for the lease")):
                yield "rescue", s._replace(jobs=self._lost(s, (i,)))
        if s.wiped:
            spared = {"external"} if self.has("rescue_all leaves external calls out") else set[Kind]()
            lost = [i for i, job in enumerate(s.jobs) if job.state == "dispatched" and self.kinds[i] not in spared]
            put_back = {i: s.jobs[i]._replace(state="pending", ran_out=False) for i in lost}
            yield "rescue_all", s._replace(jobs=_with(s.jobs, put_back), wiped=False)

    def _run_out(self, s: State, i: int) -> Iterator[tuple[str, State]]:
        """The lease runs out: a fault while something has the job, and else a matter of time."""
        holders = (*s.hands, *s.unsure, *s.broker, *s.orphans, *(worker.batch for worker in s.workers))
        held = any(i in batch.jobs and batch.version == s.jobs[i].version for batch in holders)
        for after in _spend(s, "lease runs out") if held else (s,):
            lapsed = tuple(w._replace(lapsed=w.lapsed or i in w.batch.jobs) for w in s.workers)
            late = _with(s.jobs, {i: s.jobs[i]._replace(ran_out=True)})
            yield "lease runs out", _sorted(after._replace(jobs=late, workers=lapsed))

    def _lost(self, s: State, named: Iterable[int]) -> tuple[Job, ...]:
        lost: dict[int, Job] = {}
        for i in named:
            job = s.jobs[i]
            state = "dead" if job.deaths >= MAX_DEATHS or job.attempts >= MAX_ATTEMPTS else "pending"
            isolated = job.isolated or self.has("a lost batch is isolated")
            lost[i] = job._replace(state=state, ran_out=False, isolated=isolated)
        return _with(s.jobs, lost)

    def _named(self, s: State, batch: Batch, *, fenced: bool = True) -> tuple[int, ...]:
        """The jobs of a batch that a statement changes: those that are still leased with its version."""
        if not fenced:
            return batch.jobs
        return tuple(i for i in batch.jobs if s.jobs[i].state == "dispatched" and s.jobs[i].version == batch.version)

    def _is_called(self, s: State, named: Iterable[int]) -> bool:
        """Whether a worker calls for one of the jobs and still has its lease."""
        return any(w.phase == "calling" and not w.lapsed and set(w.batch.jobs) & set(named) for w in s.workers)


def _with(jobs: tuple[Job, ...], changed: dict[int, Job]) -> tuple[Job, ...]:
    return tuple(changed.get(i, job) for i, job in enumerate(jobs))


def _less(items: tuple[T, ...], item: T) -> tuple[T, ...]:
    at = items.index(item)
    return items[:at] + items[at + 1 :]


def _sorted(s: State) -> State:
    """Relays, workers and messages have no names: their order means nothing."""
    return s._replace(
        hands=tuple(sorted(s.hands)),
        unsure=tuple(sorted(s.unsure)),
        broker=tuple(sorted(s.broker)),
        workers=tuple(sorted(s.workers)),
        orphans=tuple(sorted(s.orphans)),
    )


def _spend(s: State, fault: str) -> Iterator[State]:
    """The state with one fault of that name less to come; none if there are no more."""
    left = dict(s.faults)
    if left.get(fault):
        yield s._replace(faults=tuple((name, number - (name == fault)) for name, number in s.faults))
