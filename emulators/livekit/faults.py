"""What goes wrong on purpose."""

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Each call of the room service waits for `delay` seconds, and is answered `status` if it is set."""

    delay: float = 0.0
    status: int | None = None
