"""Dispatch an operator's action on a finding."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from core.findings.kinds import Action
from core.problems import InputInvalid


class FindingAction(Protocol):
    """Acts on one open finding and closes it. Raises NotFound, FindingClosed, FindingActionRefused."""

    def __call__(self, session: Session, finding_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> None:
        """Act in the caller's transaction."""
        ...


def action_named(actions: Mapping[Action, FindingAction], name: str) -> FindingAction:
    """The action of this name. Raises InputInvalid naming the actions that there are."""
    for known, action in actions.items():
        if known == name:
            return action
    raise InputInvalid(f"There is no action {name!r}; there are {', '.join(sorted(actions))}.", field="action")
