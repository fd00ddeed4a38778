"""What Celery, and so Flower, sees of jobs whose fate is settled on the ledger."""

from celery.exceptions import Retry as ShownAsRetry

from core.ledger.settle import Settled


class JobsRunAgainError(Exception):
    """Jobs of the batch run again; the reason is the first one's."""


class JobsGivenUpError(Exception):
    """Jobs of the batch are dead; the reason is the first one's."""


def show(settled: Settled) -> None:
    """Raise JobsGivenUpError, which Flower shows as failed, or Celery's Retry; nothing where all went well."""
    if settled.dead:
        raise JobsGivenUpError(f"{len(settled.dead)} given up: {settled.dead[0]}")
    if settled.again:
        message = f"{len(settled.again)} run again: {settled.again[0]}"
        raise ShownAsRetry(message, exc=JobsRunAgainError(message))
