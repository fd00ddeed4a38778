"""What Celery, and so Flower, shows of jobs whose states are in the database."""

from celery.exceptions import Retry as CeleryRetry

from core.jobs.ack import AckResult


class JobsRunAgainError(Exception):
    """Jobs of the batch run again; the reason is the first one's."""


class JobsDeadError(Exception):
    """Jobs of the batch are dead; the reason is the first one's."""


def report(result: AckResult | None) -> None:
    """Raise JobsDeadError, which Flower shows as failed, or Celery's Retry; nothing where every job succeeded."""
    if result is None:
        return
    if result.dead:
        raise JobsDeadError(f"{len(result.dead)} dead: {result.dead[0]}")
    if result.again:
        message = f"{len(result.again)} run again: {result.again[0]}"
        raise CeleryRetry(message, exc=JobsRunAgainError(message))
