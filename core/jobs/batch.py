"""A batch: jobs of one kind in one Celery message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs of one kind, claimed together with one lease version.

    The lease version is the fencing token: a worker acts only on rows that are still leased with it, so a message that
    comes twice, or late, finds nothing to do. An `isolated` batch is one isolated job by itself: its attempt is counted
    before it starts.
    """

    kind: str
    id: UUID
    lease_version: int
    isolated: bool
    job_ids: tuple[UUID, ...]

    def __len__(self) -> int:
        return len(self.job_ids)

    @property
    def uncounted(self) -> int:
        """How many attempts the end of a job has to count: an isolated job's was counted at its start."""
        return 0 if self.isolated else 1

    def to_wire(self) -> dict[str, Any]:
        """What the Celery message carries: ids alone, never a payload."""
        return {
            "id": str(self.id),
            "lease_version": self.lease_version,
            "isolated": self.isolated,
            "jobs": [job_id.hex for job_id in self.job_ids],
        }

    @classmethod
    def from_wire(cls, kind: str, wire: Mapping[str, Any]) -> Self:
        """The batch in a message. Raises KeyError or ValueError when it is none."""
        return cls(
            kind,
            UUID(wire["id"]),
            int(wire["lease_version"]),
            bool(wire["isolated"]),
            tuple(UUID(job_id) for job_id in wire["jobs"]),
        )

    def alone(self, job_id: UUID) -> Self:
        """One of its jobs, with the same lease."""
        return type(self)(self.kind, job_id, self.lease_version, self.isolated, (job_id,))

    def started(self) -> Self:
        """The batch with the lease version that `work.start` gives it."""
        return replace(self, lease_version=self.lease_version + 1)

    def sql(self) -> dict[str, Any]:
        """The parameters `:ids`, `:lease_version`, `:batch` and `:uncounted` of the statements about jobs.

        Ids go as one array literal: psycopg's array dumper costs more than the rest of the call.
        """
        return {
            "ids": uuid_array(self.job_ids),
            "lease_version": self.lease_version,
            "batch": str(self.id),
            "uncounted": self.uncounted,
        }


def uuid_array(ids: Sequence[UUID]) -> str:
    """A PostgreSQL array literal of UUIDs."""
    return "{" + ",".join(job_id.hex for job_id in ids) + "}"
