"""Claims jobs and hands them to the broker."""

from collections.abc import Callable, Sequence
from uuid import uuid4

from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.claim import claim, claim_isolated, claim_limited, release
from core.jobs.dispatch import DispatchState, Request
from core.messages import MESSAGES
from core.settings import Settings
from db.statements import Statements
from workers.chores.chore import Interval
from workers.chores.watch_broker import WatchBroker
from workers.publisher import BrokerUnavailable, Publisher


class Dispatcher:
    """Claims what `dispatch` asks for and publishes it; what the broker does not take is released."""

    def __init__(
        self,
        config: Settings,
        sessions: sessionmaker[Session],
        statements: Statements,
        publisher: Publisher,
        dispatch: DispatchState,
        broker: WatchBroker,
        monotonic: Callable[[], float],
    ) -> None:
        self._config = config
        self._sessions = sessions
        self._statements = statements
        self._publisher = publisher
        self._dispatch = dispatch
        self._broker = broker
        self._monotonic = monotonic

    def run(self, rescan: Interval) -> None:
        """Claim and publish once if the broker answers. How long a claim from the start took goes into `rescan`."""
        if not self._broker.answers:
            return
        began = self._monotonic()
        requests = self._dispatch.requests(began)
        if requests:
            self._run_lanes(requests, began, rescan)
        kinds = self._dispatch.isolated_kinds(began)
        if kinds:
            self._run_isolated(kinds)

    def _run_lanes(self, requests: Sequence[Request], began: float, rescan: Interval) -> None:
        rescanning = self._dispatch.rescanning
        batches = claim(
            self._statements,
            self._dispatch,
            requests,
            lease_seconds=self._config.lease_seconds,
            batch_size=self._config.batch_size,
            new_id=uuid4,
        )
        if rescanning:
            ended = self._monotonic()
            rescan.took(ended - began, ended)
        self._dispatch.dispatched(batches, self._monotonic())
        self._publish(batches)

    def _run_isolated(self, kinds: Sequence[str]) -> None:
        batches = claim_isolated(
            self._statements,
            kinds,
            lease_seconds=self._config.lease_seconds,
            batch_size=self._config.batch_size,
            new_id=uuid4,
        )
        self._dispatch.isolated.claimed(kinds, batches, self._monotonic())
        self._publish(batches)

    def run_limited(self) -> None:
        """The same for kinds that have a limit."""
        if not self._broker.answers:
            return
        with self._sessions.begin() as session:
            batches = claim_limited(
                session,
                MESSAGES,
                lease_seconds=self._config.lease_seconds,
                batch_size=self._config.batch_size,
                new_id=uuid4,
            )
        self._dispatch.dispatched(batches, self._monotonic())
        self._publish(batches)

    def _publish(self, batches: Sequence[Batch]) -> None:
        if not batches:
            return
        try:
            self._publisher.publish(batches)
        except BrokerUnavailable as error:
            self._broker.lost(error)
            self._release(batches)

    def _release(self, batches: Sequence[Batch]) -> None:
        with self._sessions.begin() as session:
            for batch in batches:
                release(session, batch)
                self._dispatch.finished(batch.id)
