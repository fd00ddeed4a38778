"""The Celery app with the trial task, for `celery -A tests.support.trials.app`."""

from tests.support.trials import known, tasks
from workers.app import app

# The order matters: the trial kind must be known before the app reads its queues from the messages.
__all__ = ["app", "known", "tasks"]
