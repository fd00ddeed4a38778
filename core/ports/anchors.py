"""What the audit log needs from a place outside the database."""

from collections.abc import Sequence
from typing import Protocol


class AnchorStore(Protocol):
    """Keeps anchors and changes none. Raises `GatewayUnavailable`, or `GatewayRejected` for another one of a number."""

    def put(self, number: int, text: str) -> None:
        """Keep an anchor; the same one again changes nothing."""
        ...

    def read(self) -> Sequence[str]:
        """Every anchor, in the order of their numbers."""
        ...
