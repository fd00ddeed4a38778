"""Why a second factor refuses.

Problem
├── Unauthorized 401
│   └── FactorRequired          the password is right, a code is missing
├── Forbidden 403
│   ├── CodeInvalid             the code is wrong, too old, or was used
│   └── FactorNeeded            an operator's session has no second factor
└── Conflict 409
    ├── FactorOn                there is one already
    ├── FactorNotStarted        there is nothing to confirm
    └── FactorMissing           there is none
"""

from core.problems import Conflict, Forbidden, Unauthorized


class FactorRequired(Unauthorized):
    """The password is right; the account also needs a code."""

    code = "second_factor_required"
    title = "A code is needed too."


class CodeInvalid(Forbidden):
    """The code is wrong, too old, or was used."""

    code = "invalid_code"
    title = "The code is not valid."


class FactorNeeded(Forbidden):
    """Operators may act only in a session that was signed in with a second factor."""

    code = "second_factor_needed"
    title = "A second factor is needed here."


class FactorOn(Conflict):
    """The account has a second factor already."""

    code = "second_factor_on"
    title = "The account has a second factor."


class FactorNotStarted(Conflict):
    """There is no new factor to confirm, or it was started too long ago."""

    code = "second_factor_not_started"
    title = "There is no second factor to confirm."


class FactorMissing(Conflict):
    """The account has no second factor."""

    code = "second_factor_missing"
    title = "The account has no second factor."
