"""The kinds of findings: what each means, and what an operator can do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Action = Literal["accept", "dismiss"]


class Kind(StrEnum):
    """Every kind; SQL and Python open no others."""

    SECOND_PAYMENT = "second_payment"
    PAYMENT_MISMATCH = "payment_mismatch"
    CLOSED_ORDER_PAID = "closed_order_paid"
    PAYMENT_OF_ANOTHER_ORDER = "payment_of_another_order"
    MONEY_IGNORED = "money_ignored"
    COURSE_ALREADY_OWNED = "course_already_owned"
    REFUND_FAILED = "refund_failed"
    DISPUTE_OPEN = "dispute_open"
    FRAUD_WARNING = "fraud_warning"
    BOOKS_DIFFER = "books_differ"
    EVENT_DEAD = "event_dead"
    JOB_DEAD = "job_dead"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`subject` says what the finding's subject_id names; `actions` what an operator can do."""

    text: str
    subject: Literal["payment", "refund", "dispute", "warning", "provider's object", "event", "order item", "job"]
    actions: tuple[Action, ...]


MEANINGS: Final[dict[Kind, Meaning]] = {
    Kind.SECOND_PAYMENT: Meaning("The order was paid before: give the money back.", "payment", ("dismiss",)),
    Kind.PAYMENT_MISMATCH: Meaning(
        "Amount or currency differ from the order: accept it or give the money back.", "payment", ("accept", "dismiss")
    ),
    Kind.CLOSED_ORDER_PAID: Meaning(
        "A cancelled order was paid: fulfil it or give the money back.", "payment", ("accept", "dismiss")
    ),
    Kind.PAYMENT_OF_ANOTHER_ORDER: Meaning("An event names a payment of another order.", "event", ("dismiss",)),
    Kind.MONEY_IGNORED: Meaning(
        "Money of another account or mode, or of no order here: find out whose it is.", "event", ("dismiss",)
    ),
    Kind.COURSE_ALREADY_OWNED: Meaning(
        "The buyer had the course already: give the money back.", "order item", ("dismiss",)
    ),
    Kind.REFUND_FAILED: Meaning("A refund failed: the buyer still waits for the money.", "refund", ("dismiss",)),
    Kind.DISPUTE_OPEN: Meaning("A buyer's bank asks for the money back: answer it.", "dispute", ("dismiss",)),
    Kind.FRAUD_WARNING: Meaning(
        "A card's issuer calls a payment fraudulent: give it back before a dispute.",
        "warning",
        ("dismiss",),
    ),
    Kind.BOOKS_DIFFER: Meaning(
        "The provider's books tell something else than is stored here.", "provider's object", ("dismiss",)
    ),
    Kind.EVENT_DEAD: Meaning("An event could not be applied: replay it.", "event", ("dismiss",)),
    Kind.JOB_DEAD: Meaning("A job that owes a buyer something is dead: replay it.", "job", ("dismiss",)),
}
