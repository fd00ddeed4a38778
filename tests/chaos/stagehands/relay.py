"""A relay that dies at a chosen publish, or says everything twice. Run as a module in the place of workers.relay."""

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

# The number of the publish in whose place the relay is killed: the claim is committed, the message never sent.
DIES_AT = int(os.environ.get("CHAOS_DIES_AT", "0"))
# Whether each message is sent again at once, and once more so many seconds later.
DOUBLES = bool(os.environ.get("CHAOS_DOUBLES"))
LATER = 3.0

log = structlog.get_logger()


class UnreliablePublisher(Publisher):
    """Loses or repeats messages, as told."""

    def __init__(self, app: Celery) -> None:
        super().__init__(app)
        self._published = 0
        self._later: list[tuple[float, Batch]] = []

    def publish(self, batches: Sequence[Batch]) -> None:
        for place in range(len(batches)):
            self._published += 1
            if self._published == DIES_AT:
                super().publish(batches[:place])
                os.kill(os.getpid(), signal.SIGKILL)
        super().publish(batches)
        if DOUBLES:
            for batch in batches:
                self._again(batch, late=False)
                self._later.append((time.monotonic() + LATER, batch))

    def was_wiped(self) -> bool:
        """Asked once a second: the moment for the late copies."""
        wiped = super().was_wiped()
        due = [entry for entry in self._later if entry[0] <= time.monotonic()]
        for entry in due:
            self._later.remove(entry)
            self._again(entry[1], late=True)
        return wiped

    def _again(self, batch: Batch, *, late: bool) -> None:
        super().publish([batch])
        log.info("stagehand: said again", batch=str(batch.id), lease_version=batch.lease_version, late=late)


if __name__ == "__main__":
    with patch("workers.relay.Publisher", UnreliablePublisher):
        main()
