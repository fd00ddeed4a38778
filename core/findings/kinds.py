"""The kinds of findings: what each means, and what an operator can do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Action = Literal["accept", "refund", "dismiss"]


class Kind(StrEnum):
    """Every kind; SQL and Python open no others."""

    SECOND_PAYMENT = "second_payment"
    PAYMENT_MISMATCH = "payment_mismatch"
    CLOSED_ORDER_PAID = "closed_order_paid"
    ERASED_BUYER_PAID = "erased_buyer_paid"
    PAYMENT_OF_ANOTHER_ORDER = "payment_of_another_order"
    MONEY_IGNORED = "money_ignored"
    COURSE_ALREADY_OWNED = "course_already_owned"
    REFUND_FAILED = "refund_failed"
    DISPUTE_OPEN = "dispute_open"
    FRAUD_WARNING = "fraud_warning"
    BOOKS_DIFFER = "books_differ"
    ROOM_MISSING = "room_missing"
    EVENT_DEAD = "event_dead"
    JOB_DEAD = "job_dead"
    CHECK_FAILED = "check_failed"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`subject` says what the finding's subject_id names; `actions` what an operator can do."""

    text: str
    subject: Literal[
        "payment", "refund", "dispute", "warning", "provider's object", "event", "order item", "seminar", "job", "check"
    ]
    actions: tuple[Action, ...]


MEANINGS: Final[dict[Kind, Meaning]] = {
    Kind.SECOND_PAYMENT: Meaning("The order was paid before: give the money back.", "payment", ("refund", "dismiss")),
    Kind.PAYMENT_MISMATCH: Meaning(
        "Amount or currency differ from the order: accept it or give the money back.",
        "payment",
        ("accept", "refund", "dismiss"),
    ),
    Kind.CLOSED_ORDER_PAID: Meaning(
        "A cancelled order was paid: fulfil it or give the money back.", "payment", ("accept", "refund", "dismiss")
    ),
    Kind.PAYMENT_OF_ANOTHER_ORDER: Meaning(
        "An event names a payment of another order: find out what was paid.", "event", ("refund", "dismiss")
    ),
    Kind.ERASED_BUYER_PAID: Meaning("An erased buyer has paid: give the money back.", "payment", ("refund", "dismiss")),
    Kind.MONEY_IGNORED: Meaning(
        "Money of another account or mode, or of no order here: find out whose it is.", "event", ("dismiss",)
    ),
    Kind.COURSE_ALREADY_OWNED: Meaning(
        "The buyer has bought the course twice: give the money back for one.", "order item", ("refund", "dismiss")
    ),
    Kind.REFUND_FAILED: Meaning(
        "A refund failed, and the buyer waits for the money: try again.", "refund", ("refund", "dismiss")
    ),
    Kind.DISPUTE_OPEN: Meaning("A buyer's bank asks for the money back: answer it.", "dispute", ("dismiss",)),
    Kind.FRAUD_WARNING: Meaning(
        "A card's issuer calls a payment fraudulent: give it back before a dispute.",
        "warning",
        ("refund", "dismiss"),
    ),
    Kind.BOOKS_DIFFER: Meaning(
        "The provider's books tell something else than is stored here.", "provider's object", ("dismiss",)
    ),
    Kind.ROOM_MISSING: Meaning(
        "A seminar begins within ten minutes and has no room: see whether LiveKit answers.", "seminar", ("dismiss",)
    ),
    Kind.EVENT_DEAD: Meaning("An event could not be applied: replay it.", "event", ("dismiss",)),
    Kind.JOB_DEAD: Meaning("A job that owes a buyer something is dead: replay it.", "job", ("dismiss",)),
    Kind.CHECK_FAILED: Meaning("What must never be was found: find out how it came about.", "check", ("dismiss",)),
}
