"""Who takes part: Aula itself, the other queues, and SQL without any."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from tests.bench.arena import PROCESSES, Arena

_CONCURRENCY: Final = f"--concurrency={PROCESSES}"
_CELERY: Final = ("--without-gossip", "--without-mingle", "--loglevel=WARNING")


class Contestant(Protocol):
    """Drains a backlog. The harness sees how far it has come, and ends what it started."""

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> str: ...

    def prepare(self, arena: Arena) -> None:
        """Queue up what the database holds; not timed."""
        ...

    def start(self, arena: Arena) -> None:
        """Start the processes that drain it."""
        ...


@dataclass(frozen=True, slots=True)
class Aula:
    """The real relay and the real worker."""

    name: str = "Aula"
    settings: str = "relay, and a Celery worker with 2 processes and -E; batches of 500; all settings at their defaults"

    def prepare(self, arena: Arena) -> None:
        """The jobs are in the database already."""

    def start(self, arena: Arena) -> None:
        arena.start("worker", "celery", "--app", "workers.app", "worker", "-E", _CONCURRENCY, "--loglevel=WARNING")
        arena.wait_for_worker()
        arena.start("relay", "workers.relay")


# A rival that does the effect and hands nothing on.
SPARED: Final = ", effect only"


@dataclass(frozen=True, slots=True)
class Rival:
    """A module that fills its queue from the database, and the commands that drain it."""

    name: str
    settings: str
    fill: Sequence[str]
    workers: Sequence[Sequence[str]]

    def prepare(self, arena: Arena) -> None:
        arena.run(*self.fill)

    def start(self, arena: Arena) -> None:
        for command in self.workers:
            arena.start("worker", *command)


def plain_celery(what: str) -> Rival:
    app = "tests.bench.rivals.celery_app"
    return Rival(
        "plain Celery" + (SPARED if what == "effect" else ""),
        "prefork 2, acks_late, reject_on_worker_lost, no result backend, no events, prefetch 4",
        (app, what),
        [("celery", "--app", app, "worker", _CONCURRENCY, *_CELERY)],
    )


_DRAMATIQ: Final = ("--queues", "orders", "--skip-logging")
DRAMATIQ: Final = Rival(
    "Dramatiq",
    "Redis broker, default middleware, 2 processes with 16 threads each, a connection a thread",
    ("tests.bench.rivals.dramatiq_app", "whole"),
    [("dramatiq", "tests.bench.rivals.dramatiq_app", "--processes", "2", "--threads", "16", *_DRAMATIQ)],
)
TASKIQ: Final = Rival(
    "Taskiq",
    "ListQueueBroker (its fastest; it does not acknowledge), 2 processes, async, 4 connections each",
    ("tests.bench.rivals.taskiq_app", "whole"),
    [
        ("taskiq", "worker", "tests.bench.rivals.taskiq_app:broker", "--workers", "2", "--log-level", "WARNING"),
    ],
)
PGQUEUER: Final = Rival(
    "pgqueuer",
    "psycopg, uvloop, 2 processes, 500 jobs a dequeue, 20 connections each for the effect, logged tables",
    ("tests.bench.rivals.pgqueuer_app", "whole"),
    [("tests.bench.rivals.pgqueuer_app",)] * 2,
)


def spared(rival: Rival) -> Rival:
    """The same rival without the follow-up messages."""
    return replace(rival, name=rival.name + SPARED, fill=(rival.fill[0], "effect"))


_ALONE: Final = "tests.bench.rivals.sql_alone"
SQL_STATEMENT: Final = Rival(
    "SQL alone, whole statement",
    "2 connections, batches as Aula's: jobs' completion and follow-up jobs included, no queue",
    (_ALONE, "prepare"),
    [(_ALONE, "statement", "0"), (_ALONE, "statement", "1")],
)
SQL_EFFECT: Final = Rival(
    "SQL alone, effect only",
    "2 connections, batches as Aula's: what the rivals run, not a row of the ledger",
    (_ALONE, "prepare"),
    [(_ALONE, "effect", "0"), (_ALONE, "effect", "1")],
)
