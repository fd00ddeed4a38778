"""How long crash tests wait for an expected result."""

from typing import Final

# Seconds. A killed database first replays its log, on a machine that may be busy with other tests.
TIMEOUT: Final = 90.0
