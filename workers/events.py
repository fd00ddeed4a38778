"""Sends a worker's task events for Flower in groups.

Celery sends each event in a message of its own, and its one event loop waits for it. A moment later changes nothing for
an observer, and the next job starts sooner.
"""

from typing import Any, Final

from celery.bootsteps import StartStopStep
from celery.worker.consumer.events import Events

# Seconds between two messages of events.
_GATHER: Final = 0.5


class GatheredEvents(StartStopStep):
    """Sends the events of tasks a few times a second. A step of Celery's consumer, started after its own events."""

    requires = (Events,)

    def __init__(self, consumer: Any, **options: Any) -> None:  # noqa: ANN401 - Celery's consumer has no type
        super().__init__(consumer, **options)
        self._flush: Any = None

    def start(self, parent: Any) -> None:  # noqa: ANN401 - as above
        """With each connection to the broker there is a new dispatcher."""
        parent.event_dispatcher.on_send_buffered = None
        self._flush = parent.timer.call_repeatedly(_GATHER, parent.event_dispatcher.flush)

    def stop(self, parent: Any) -> None:  # noqa: ANN401, ARG002 - as Celery calls it
        """Until the next connection; what has been gathered is kept."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None

    def shutdown(self, parent: Any) -> None:  # noqa: ANN401 - as above
        """The last events of an orderly end."""
        self.stop(parent)
        if parent.event_dispatcher is not None:
            parent.event_dispatcher.flush()
