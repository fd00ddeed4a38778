"""A relay that is killed at a chosen publish, or publishes every message three times. Replaces workers.relay."""

import os
import signal
import time
from collections.abc import Sequence
from unittest.mock import patch

import structlog
from celery import Celery

from core.jobs.batch import Batch
from workers.publisher import Publisher
from workers.relay import main

# The relay is killed instead of this publish, counted from 1: the claim is committed, the message is never sent.
KILL_AT_PUBLISH = int(os.environ.get("CHAOS_KILL_AT_PUBLISH", "0"))
# Whether each message is published again at once, and once more after a delay.
REPEAT_MESSAGES = bool(os.environ.get("CHAOS_REPEAT_MESSAGES"))
LATE_SECONDS = 3.0

log = structlog.get_logger()


class FaultyPublisher(Publisher):
    """Loses or repeats messages."""

    def __init__(self, app: Celery) -> None:
        super().__init__(app)
        self._published = 0
        self._late: list[tuple[float, Batch]] = []

    def publish(self, batches: Sequence[Batch]) -> None:
        for index in range(len(batches)):
            self._published += 1
            if self._published == KILL_AT_PUBLISH:
                super().publish(batches[:index])
                os.kill(os.getpid(), signal.SIGKILL)
        super().publish(batches)
        if REPEAT_MESSAGES:
            for batch in batches:
                self._publish_again(batch, late=False)
                self._late.append((time.monotonic() + LATE_SECONDS, batch))

    def was_wiped(self) -> bool:
        """Publish the late copies as well: the relay calls this once a second."""
        wiped = super().was_wiped()
        due = [entry for entry in self._late if entry[0] <= time.monotonic()]
        for entry in due:
            self._late.remove(entry)
            self._publish_again(entry[1], late=True)
        return wiped

    def _publish_again(self, batch: Batch, *, late: bool) -> None:
        super().publish([batch])
        log.info("faulty relay: published again", batch=str(batch.id), lease_version=batch.lease_version, late=late)


if __name__ == "__main__":
    with patch("workers.relay.Publisher", FaultyPublisher):
        main()
