"""How long crash tests wait for what must come."""

from typing import Final

# Seconds. A database that was killed replays its log first, on a machine that may be busy with other tests.
PATIENCE: Final = 90.0
