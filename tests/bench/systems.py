"""The measured systems: Aula, other queues, and SQL without a queue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from tests.bench.harness import PROCESSES, Environment

_CONCURRENCY: Final = f"--concurrency={PROCESSES}"
_CELERY: Final = ("--without-gossip", "--without-mingle", "--loglevel=WARNING")


class System(Protocol):
    """A system that drains a backlog. The harness watches its progress and stops its processes."""

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> str: ...

    def prepare(self, environment: Environment) -> None:
        """Queue the backlog from the database; not timed."""
        ...

    def start(self, environment: Environment) -> None:
        """Start the processes that drain the backlog."""
        ...


@dataclass(frozen=True, slots=True)
class Aula:
    """The real relay and the real worker."""

    name: str = "Aula"
    settings: str = "relay, and a Celery worker with 2 processes and -E; batches of 500; all settings at their defaults"

    def prepare(self, environment: Environment) -> None:
        """The jobs are in the database already."""

    def start(self, environment: Environment) -> None:
        environment.start(
            "worker", "celery", "--app", "workers.app", "worker", "-E", _CONCURRENCY, "--loglevel=WARNING"
        )
        environment.wait_for_worker()
        environment.start("relay", "workers.relay")


# Suffix of a baseline that does not enqueue the follow-up jobs.
EFFECT_ONLY: Final = ", effect only"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A module that fills its queue from the database, and the commands that drain it."""

    name: str
    settings: str
    fill: Sequence[str]
    workers: Sequence[Sequence[str]]

    def prepare(self, environment: Environment) -> None:
        environment.run(*self.fill)

    def start(self, environment: Environment) -> None:
        for command in self.workers:
            environment.start("worker", *command)


def plain_celery(what: str) -> Baseline:
    app = "tests.bench.baselines.celery_app"
    return Baseline(
        "plain Celery" + (EFFECT_ONLY if what == "effect" else ""),
        "prefork 2, acks_late, reject_on_worker_lost, no result backend, no events, prefetch 4",
        (app, what),
        [("celery", "--app", app, "worker", _CONCURRENCY, *_CELERY)],
    )


_DRAMATIQ: Final = ("--queues", "orders", "--skip-logging")
DRAMATIQ: Final = Baseline(
    "Dramatiq",
    "Redis broker, default middleware, 2 processes with 16 threads each, a connection a thread",
    ("tests.bench.baselines.dramatiq_app", "whole"),
    [("dramatiq", "tests.bench.baselines.dramatiq_app", "--processes", "2", "--threads", "16", *_DRAMATIQ)],
)
TASKIQ: Final = Baseline(
    "Taskiq",
    "ListQueueBroker (its fastest; it does not acknowledge), 2 processes, async, 4 connections each",
    ("tests.bench.baselines.taskiq_app", "whole"),
    [
        ("taskiq", "worker", "tests.bench.baselines.taskiq_app:broker", "--workers", "2", "--log-level", "WARNING"),
    ],
)
PGQUEUER: Final = Baseline(
    "pgqueuer",
    "psycopg, uvloop, 2 processes, 500 jobs a dequeue, 20 connections each for the effect, logged tables",
    ("tests.bench.baselines.pgqueuer_app", "whole"),
    [("tests.bench.baselines.pgqueuer_app",)] * 2,
)


def effect_only(baseline: Baseline) -> Baseline:
    """The same baseline without the follow-up messages."""
    return replace(baseline, name=baseline.name + EFFECT_ONLY, fill=(baseline.fill[0], "effect"))


_ALONE: Final = "tests.bench.baselines.sql_alone"
SQL_STATEMENT: Final = Baseline(
    "SQL alone, whole statement",
    "2 connections, batches as Aula's: jobs' completion and follow-up jobs included, no queue",
    (_ALONE, "prepare"),
    [(_ALONE, "statement", "0"), (_ALONE, "statement", "1")],
)
SQL_EFFECT: Final = Baseline(
    "SQL alone, effect only",
    "2 connections, batches as Aula's: the statement that the baselines run, without jobs",
    (_ALONE, "prepare"),
    [(_ALONE, "effect", "0"), (_ALONE, "effect", "1")],
)
