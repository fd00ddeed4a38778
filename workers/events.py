"""Sends a worker's task events for Flower in groups.

Celery sends each event at once in a message of its own, and its one event loop waits for it. In groups the events
arrive a moment later, and the next job starts sooner.
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
        """Buffer the events of this connection: each connection to the broker has its own dispatcher."""
        parent.event_dispatcher.on_send_buffered = None
        self._flush = parent.timer.call_repeatedly(_GATHER, parent.event_dispatcher.flush)

    def stop(self, parent: Any) -> None:  # noqa: ANN401, ARG002 - as Celery calls it
        """Stop until the next connection; buffered events are kept."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None

    def shutdown(self, parent: Any) -> None:  # noqa: ANN401 - as above
        """Send the last events."""
        self.stop(parent)
        if parent.event_dispatcher is not None:
            parent.event_dispatcher.flush()
