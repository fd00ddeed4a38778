"""The problems of seminars and their seats.

Problem
├── InputInvalid 422
│   ├── TimesNotAllowed        in the past, or of a length that is not allowed
│   └── CapacityTooSmall       below the seats that are taken
├── Forbidden 403
│   └── SeatNotFree            the caller must buy the seat
└── Conflict 409
    ├── SeminarStateConflict   the seminar's state does not allow this
    ├── SeatsLeft              a seat is left, so there is nothing to wait for
    ├── SeatPaid               a seat that was paid for is given up by a refund
    ├── GuestLimit             the seminar has as many guests as are allowed
    ├── HelperLimit            it has as many co-hosts and speakers as are allowed
    └── LeaderProtected        only the teacher decides about those who lead
"""

from core.problems import Conflict, Forbidden, InputInvalid


class TimesNotAllowed(InputInvalid):
    """The seminar would begin in the past, or last too short or too long."""

    code = "times_not_allowed"
    title = "These times are not allowed."


class CapacityTooSmall(InputInvalid):
    """The capacity would be below the seats that are taken."""

    code = "capacity_too_small"
    title = "More seats than that are taken."


class SeatNotFree(Forbidden):
    """The caller is neither a guest nor a learner of the seminar's course."""

    code = "seat_not_free"
    title = "This seat must be bought."


class SeminarStateConflict(Conflict):
    """The seminar is a draft, over or cancelled."""

    code = "seminar_state"
    title = "The seminar's state does not allow this."


class SeatsLeft(Conflict):
    """A seat is left."""

    code = "seats_left"
    title = "A seat is left."


class SeatPaid(Conflict):
    """The seat was paid for, or an order holds it."""

    code = "seat_paid"
    title = "This seat belongs to an order."


class GuestLimit(Conflict):
    """The seminar has as many guests as are allowed."""

    code = "guest_limit"
    title = "The seminar has too many guests."


class HelperLimit(Conflict):
    """The seminar has as many co-hosts and speakers as are allowed."""

    code = "helper_limit"
    title = "The seminar has too many co-hosts and speakers."


class LeaderProtected(Conflict):
    """Only the teacher decides who leads, and about those who do."""

    code = "leader_protected"
    title = "Only the teacher decides this."
