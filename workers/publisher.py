"""Publishes batches to the broker, one Celery message each, and looks at the broker's state."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, Final, cast

from celery import Celery
from kombu import Connection, exceptions
from redis import Redis
from redis.exceptions import RedisError

from core.jobs.batch import Batch

# Seconds. Without a limit a paused broker would hold the relay for half a minute; it releases the batch instead.
SILENT: Final = 1.0
_TIMEOUT: Final = {"socket_timeout": SILENT, "socket_connect_timeout": SILENT, "max_retries": 0}
_MARK: Final = "aula:relay:mark"
# The second is newer than Kombu's types.
_LOST: Final[tuple[type[Exception], ...]] = (
    exceptions.OperationalError,
    cast("Any", exceptions).BatchPublishError,
    RedisError,
    OSError,
)
# How many job ids of a batch Flower shows.
_NAMED: Final = 20


class BrokerUnavailable(Exception):  # noqa: N818 - named as a condition
    """The broker did not take the message, or did not say so in time."""


class Publisher:
    """Sends batches to their queues.

    It never leaves Kombu's batch mode, and flushes it: what is sent together is one round trip, and no message costs a
    client of its own. The two halves of Celery's `send_task` are called by themselves: what it looks up for each call
    (tasks, options, routes, a result) was two fifths of a message's cost, and is the same for all of a kind.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._amqp: Any = app.amqp
        self._routes: Mapping[str, Mapping[str, str]] = app.conf.task_routes
        self._connection: Connection | None = None
        self._producer: Any = None
        self._together: Any = None
        self._open_batch = ExitStack()

    def publish(self, batches: Sequence[Batch]) -> None:
        """Hand batches to the broker. Raises BrokerUnavailable: then each may, or may not, have arrived."""
        try:
            producer = self._open()
            for batch in batches:
                self._send(batch, producer)
            self._together.flush()
        except _LOST as error:
            self.close()
            raise BrokerUnavailable(str(error.__cause__ or error)) from error

    def was_wiped(self) -> bool:
        """Whether the broker was wiped since the last call. Raises BrokerUnavailable."""
        try:
            client = cast("Redis", self._open().channel.client)
            return bool(client.set(_MARK, "1", nx=True))
        except _LOST as error:
            self.close()
            raise BrokerUnavailable(str(error)) from error

    def waiting(self, queues: Sequence[str]) -> Mapping[str, int]:
        """How many messages wait in each of these queues. Raises BrokerUnavailable."""
        try:
            lengths = self._open().channel.client.pipeline(transaction=False)
            for queue in queues:
                lengths.llen(queue)
            return dict(zip(queues, lengths.execute(), strict=True))
        except _LOST as error:
            self.close()
            raise BrokerUnavailable(str(error)) from error

    def close(self) -> None:
        """Drop the connection; the next call opens a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            # A failed flush has been handled: its jobs are released. Closing the batch would raise its error again.
            with suppress(*_LOST):
                self._open_batch.close()
            connection.release()

    def _send(self, batch: Batch, producer: Any) -> None:  # noqa: ANN401 - kombu is untyped
        wire = batch.to_wire()
        message = self._amqp.create_task_message(
            # Flower finds a single job by the id that the API shows.
            str(batch.job_ids[0] if len(batch) == 1 else batch.id),
            batch.kind,
            args=[wire],
            ignore_result=True,
            argsrepr=f"lease {batch.lease_version}, jobs {len(batch)}: {' '.join(map(str, batch.job_ids[:_NAMED]))}",
            kwargsrepr="",
        )
        queue = self._routes[batch.kind]["queue"]
        # Redis has nothing to declare: a queue is there while something waits in it.
        self._amqp.send_task_message(producer, batch.kind, message, queue=queue, retry=False, declare=[])

    def _open(self) -> Any:  # noqa: ANN401 - kombu is untyped
        if self._producer is None:
            self._connection = self._app.connection_for_write(transport_options=_TIMEOUT)
            self._producer = self._amqp.Producer(self._connection, auto_declare=False)
            self._together = self._open_batch.enter_context(self._producer.batch())
        return self._producer
