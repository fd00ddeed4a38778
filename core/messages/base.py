"""The base of all messages.

A message's fields are the payload of its job. A field added later has a default; a changed meaning raises `version`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base of all messages: `kind` names the job, `queue` the Celery queue, `version` the payload's shape.

    With `external_call` its work is a call to an external service, made while no row is locked. The job is dead when
    the service has been unavailable to it for `give_up_after`: the default is a long weekend.
    """

    kind: ClassVar[str]
    queue: ClassVar[str]
    version: ClassVar[int] = 1
    max_running: ClassVar[int | None] = None
    max_per_key: ClassVar[int | None] = None
    external_call: ClassVar[bool] = False
    give_up_after: ClassVar[timedelta] = timedelta(days=3)

    def payload(self) -> dict[str, Any]:
        """What the job row stores; ids as text."""
        values = {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self).items()}
        return {"v": self.version, **values}

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Self:
        """The message a stored payload describes. Raises ValueError for another version or shape."""
        if payload.get("v") != cls.version:
            raise ValueError(f"{cls.kind}: version {payload.get('v')!r} is not {cls.version}")
        types = {field.name: field.type for field in fields(cls)}
        given = {name: value for name, value in payload.items() if name != "v"}
        try:
            return cls(**{name: UUID(value) if types.get(name) is UUID else value for name, value in given.items()})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"{cls.kind}: {error}") from error
