"""Runs jobs by their real tasks in this process, and kills the worker at a chosen commit."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from celery.exceptions import Retry
from psycopg.rows import TupleRow
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.claim import claim_limited
from core.jobs.rescue import rescue
from core.messages import MESSAGES
from core.wiring.handlers import DEAD_JOB_HANDLERS
from db.statements import Statements
from tasks import runtime
from tasks.celery_status import JobsDeadError
from tests.support.jobs import claim_due
from workers.app import MODULES


class WorkerKilledError(BaseException):
    """The worker's process died here; no handler of the worker's own catches it."""


@dataclass(slots=True)
class KillSwitch:
    """Kills when it is reached for the `left`th time from now; None: never. Each commit reaches it before and after."""

    left: int | None = None

    def reach(self, *_: object) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise WorkerKilledError


class KillableStatements(Statements):
    """Statements of a worker that can be killed before and after each of them."""

    def __init__(self, engine: Engine, switch: KillSwitch) -> None:
        super().__init__(engine)
        self._switch = switch

    def run(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
        self._switch.reach()
        rows = super().run(name, parameters)
        self._switch.reach()
        return rows


def tasks_by_kind() -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
    """The function behind each task that workers load, by the kind of job that it runs."""
    modules = [import_module(name) for name in MODULES if name.startswith("tasks.")]
    named = [(getattr(value, "name", None), value) for module in modules for value in vars(module).values()]
    return {name: value.run for name, value in named if isinstance(name, str) and name in MESSAGES}


@dataclass(frozen=True, slots=True)
class JobRunner:
    """Claims jobs as a relay does, and runs them as a worker does."""

    sessions: sessionmaker[Session]
    switch: KillSwitch
    tasks: Mapping[str, Callable[[Mapping[str, Any]], None]] = field(default_factory=tasks_by_kind)

    def claim(self) -> list[Batch]:
        """All that is due, limited kinds too."""
        with self.sessions.begin() as session:
            limited = claim_limited(session, MESSAGES, lease_seconds=30, batch_size=500, new_id=uuid4)
        return [*claim_due(self.sessions), *limited]

    def run(self, batch: Batch) -> None:
        """Run one message. Raises WorkerKilledError where the switch says so."""
        with suppress(Retry, JobsDeadError):
            self.tasks[batch.kind](batch.to_wire())

    def run_due(self, most: int = 200) -> None:
        """Run all jobs that are due, and those that follow."""
        for _ in range(most):
            batches = self.claim()
            if not batches:
                return
            for batch in batches:
                self.run(batch)
        pytest.fail(f"jobs are still due after {most} rounds")

    def run_killed(self, batches: Sequence[Batch], commits: int) -> bool:
        """Run the batches until the worker is killed at its `commits`th commit; False when it lived."""
        self.switch.left = commits
        try:
            for batch in batches:
                self.run(batch)
        except WorkerKilledError:
            return True
        finally:
            self.switch.left = None
        return False

    def rescue(self) -> None:
        """All leases run out, and no job waits for its backoff any more."""
        with self.sessions.begin() as session:
            session.execute(text("update app.jobs set lease_until = now() where state = 'dispatched'"))
        with self.sessions.begin() as session:
            rescue(session, DEAD_JOB_HANDLERS)
            session.execute(text("update app.jobs set run_at = now() where state = 'pending'"))


@contextmanager
def open_runner(sessions: sessionmaker[Session], patch: pytest.MonkeyPatch) -> Generator[JobRunner]:
    """A runner in a process whose settings name the database of `sessions`."""
    switch = KillSwitch()
    killable = KillableStatements(runtime.statement_engine(), switch)
    patch.setattr(runtime, "statements", lambda: killable)
    hooks = ("before_commit", "after_commit")
    for hook in hooks:
        event.listen(runtime.sessions(), hook, switch.reach)
    try:
        yield JobRunner(sessions, switch)
    finally:
        for hook in hooks:
            event.remove(runtime.sessions(), hook, switch.reach)
        killable.close()
