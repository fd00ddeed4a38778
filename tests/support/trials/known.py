"""Makes the trial kind known to a process of its own: import it before anything of `workers`, never in a test."""

from typing import Any, cast

from core.messages import MESSAGES
from tests.support.trials.messages import Trial

cast("dict[str, Any]", MESSAGES)[Trial.kind] = Trial
