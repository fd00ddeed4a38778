"""The relay's hand: one Celery message for a batch, and a watch over the broker's memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from celery import Celery
from kombu import Connection
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from core.ledger.batch import Batch

# The relay would rather give a batch back than wait: a broker that is paused would hold it for half a minute.
_TIMEOUT: Final = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "max_retries": 0}
_MARK: Final = "aula:relay:mark"


class BrokerUnavailable(Exception):  # noqa: N818 - a fact
    """The broker did not take the message, or did not say so in time."""


class Publisher:
    """Sends batches to their queues."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._connection: Connection | None = None
        self._producer: Any = None

    def publish(self, batch: Batch) -> None:
        """Hand a batch to the broker. Raises BrokerUnavailable: then it may, or may not, have arrived."""
        try:
            self._app.send_task(
                batch.kind,
                args=[batch.to_wire()],
                task_id=str(batch.id),
                producer=self._open(),
                retry=False,
                ignore_result=True,
            )
        except (OperationalError, RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(str(error)) from error

    def was_wiped(self) -> bool:
        """Whether the broker has lost its memory since this was last asked. Raises BrokerUnavailable."""
        try:
            client = cast("Redis", self._open().channel.client)
            return bool(client.set(_MARK, "1", nx=True))
        except (OperationalError, RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(str(error)) from error

    def waiting(self, queues: Sequence[str]) -> Mapping[str, int]:
        """How many messages wait in each of these queues. Raises BrokerUnavailable."""
        try:
            lengths = self._open().channel.client.pipeline(transaction=False)
            for queue in queues:
                lengths.llen(queue)
            return dict(zip(queues, lengths.execute(), strict=True))
        except (OperationalError, RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(str(error)) from error

    def close(self) -> None:
        """Drop the connection; the next call opens a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()

    def _open(self) -> Any:  # noqa: ANN401 - kombu is untyped
        if self._producer is None:
            self._connection = self._app.connection_for_write(transport_options=_TIMEOUT)
            self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)
        return self._producer
