"""Why a replay is refused.

Problem
└── Conflict 409
    ├── ReplayUnconfirmed   it is large, or not as large as expected
    └── ReplayEnded         it is finished or cancelled
"""

from collections.abc import Mapping

from core.problems import Conflict


class ReplayUnconfirmed(Conflict):
    """The number of matching rows is large and not named, or is not the one that was named; it is in `count`."""

    code = "replay_unconfirmed"
    title = "Confirm how many will be replayed."

    def __init__(self, detail: str, count: int) -> None:
        super().__init__(detail, field="expected_count")
        self.count = count

    def extras(self) -> Mapping[str, object]:
        """The count, to be confirmed."""
        return {**super().extras(), "count": self.count}


class ReplayEnded(Conflict):
    """The replay is finished or cancelled."""

    code = "replay_ended"
    title = "This replay has ended."
