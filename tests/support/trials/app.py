"""The Celery app with the trial task, for `celery -A tests.support.trials.app`."""

from tests.support.trials import known, tasks
from workers.app import app

# The trial kind is made known before the app reads its queues from the messages: hence the order of the imports.
__all__ = ["app", "known", "tasks"]
