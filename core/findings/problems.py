"""Why an action on a finding is refused.

Problem
└── Conflict 409
    ├── FindingClosed           it was closed before
    └── FindingActionRefused    its kind does not allow this action
"""

from core.problems import Conflict


class FindingClosed(Conflict):
    """The finding was closed before."""

    code = "finding_closed"
    title = "This finding is closed."


class FindingActionRefused(Conflict):
    """The kind of finding does not allow this action."""

    code = "finding_action_refused"
    title = "This finding does not allow this."
