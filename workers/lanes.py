"""The lanes of this release: each kind and priority."""

from typing import Final

from core.jobs.dispatch import PRIORITIES, Lane
from core.messages import MESSAGES

ALL_LANES: Final = [Lane(kind, priority) for kind in MESSAGES for priority in PRIORITIES]
