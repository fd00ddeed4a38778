"""Sizes that keep a whole run under 25 minutes on two cores."""

from dataclasses import dataclass
from typing import Final

MEASURES: Final = (1, 2, 3, 4, 5)
RATES: Final = (50, 200)
# Seconds that the old transaction of measure 5 must stay open while Aula drains.
OLD_TRANSACTION_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """`scale` shrinks backlogs and durations for a trial run; targets are judged at full scale only."""

    measures: tuple[int, ...] = MEASURES
    rounds: int = 3
    scale: float = 1.0

    def jobs(self, count: int) -> int:
        return max(200, round(count * self.scale))

    def seconds(self, full: float) -> float:
        return max(2.0, full * self.scale)

    @property
    def whole(self) -> bool:
        return self == Plan()
