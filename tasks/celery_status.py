"""What Celery, and so Flower, sees of jobs whose fate is acked on the ledger."""

from celery.exceptions import Retry as ShownAsRetry

from core.jobs.ack import AckResult


class JobsRunAgainError(Exception):
    """Jobs of the batch run again; the reason is the first one's."""


class JobsGivenUpError(Exception):
    """Jobs of the batch are dead; the reason is the first one's."""


def show(acked: AckResult) -> None:
    """Raise JobsGivenUpError, which Flower shows as failed, or Celery's Retry; nothing where all went well."""
    if acked.dead:
        raise JobsGivenUpError(f"{len(acked.dead)} given up: {acked.dead[0]}")
    if acked.again:
        message = f"{len(acked.again)} run again: {acked.again[0]}"
        raise ShownAsRetry(message, exc=JobsRunAgainError(message))
