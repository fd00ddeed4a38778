"""Adds the trial kind to the messages of this process. Import it before `workers`, and never in a test."""

from typing import Any, cast

from core.messages import MESSAGES
from tests.support.trials.messages import Trial

cast("dict[str, Any]", MESSAGES)[Trial.kind] = Trial
