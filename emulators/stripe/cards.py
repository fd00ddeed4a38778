"""The test cards and the outcome of each: https://docs.stripe.com/testing."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from emulators.stripe.json_types import Json

Outcome = Literal["approved", "declined", "challenge"]


class AfterPayment(Enum):
    """What happens to a paid card later."""

    NOTHING = auto()
    DISPUTE = auto()
    DISPUTE_NOT_RECEIVED = auto()
    INQUIRY = auto()
    FRAUD_WARNING = auto()
    REFUND_PENDING = auto()
    REFUND_FAILURE = auto()
    AVAILABLE = auto()


@dataclass(frozen=True, slots=True)
class Card:
    """A test card; `code` and `decline_code` are Stripe's."""

    number: str
    label: str
    token: str
    outcome: Outcome
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
    later: AfterPayment = AfterPayment.NOTHING

    @property
    def can_be_saved(self) -> bool:
        """Whether a customer can save the card; one card is declined only when it is charged."""
        return self.outcome != "declined" or self.token == "chargeCustomerFail"  # noqa: S105 - a test card's name

    @property
    def failure(self) -> Json:
        """Code, decline code and message of a declined payment."""
        return {"code": self.code, "decline_code": self.decline_code, "message": self.message}

    @property
    def last4(self) -> str:
        """The last four digits, which a payment method stores; unique among the test cards."""
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        """The number in groups of four, as printed on a card."""
        return " ".join(self.number[start : start + 4] for start in range(0, 16, 4))


CARDS = (
    Card("4242424242424242", "Payment succeeds", "visa", "approved"),
    Card("4000002500003155", "Asks for 3-D Secure", "authenticationRequired", "challenge"),
    Card("4000000000003220", "Always asks for 3-D Secure", "threeDSecure2Required", "challenge"),
    Card(
        "4000000000000002",
        "Declined",
        "chargeDeclined",
        "declined",
        "card_declined",
        "generic_decline",
        "Your card was declined.",
    ),
    Card(
        "4000000000000341",
        "Can be saved, then declined",
        "chargeCustomerFail",
        "declined",
        "card_declined",
        "generic_decline",
        "Your card was declined.",
    ),
    Card(
        "4000000000009995",
        "Insufficient funds",
        "chargeDeclinedInsufficientFunds",
        "declined",
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    Card(
        "4000000000000069",
        "Expired card",
        "chargeDeclinedExpiredCard",
        "declined",
        "expired_card",
        None,
        "Your card has expired.",
    ),
    Card(
        "4000000000000127",
        "Incorrect CVC",
        "chargeDeclinedIncorrectCvc",
        "declined",
        "incorrect_cvc",
        None,
        "Your card's security code is incorrect.",
    ),
    Card("4000000000000259", "Paid, then disputed", "createDispute", "approved", later=AfterPayment.DISPUTE),
    Card(
        "4000000000002685",
        "Paid, then disputed as not received",
        "createDisputeProductNotReceived",
        "approved",
        later=AfterPayment.DISPUTE_NOT_RECEIVED,
    ),
    Card("4000000000001976", "Paid, then an inquiry", "createDisputeInquiry", "approved", later=AfterPayment.INQUIRY),
    Card(
        "4000000000005423",
        "Paid, then reported as fraud",
        "createIssuerFraudRecord",
        "approved",
        later=AfterPayment.FRAUD_WARNING,
    ),
    Card("4000000000007726", "Refund is pending first", "pendingRefund", "approved", later=AfterPayment.REFUND_PENDING),
    Card("4000000000005126", "Refund fails later", "refundFail", "approved", later=AfterPayment.REFUND_FAILURE),
    Card("4000000000000077", "Paid, available at once", "bypassPending", "approved", later=AfterPayment.AVAILABLE),
)


def by_number(number: str) -> Card | None:
    """The test card of that number; spaces and dashes are ignored."""
    digits = "".join(char for char in number if char.isdigit())
    return next((card for card in CARDS if card.number == digits), None)


def by_last4(last4: str) -> Card:
    """The test card a payment method was made from."""
    return next(card for card in CARDS if card.last4 == last4)


def by_token(token: str) -> Card | None:
    """The test card of a `tok_…` or `pm_card_…` name, with or without `visa_`."""
    name = token.removeprefix("tok_").removeprefix("pm_card_")
    name = name if name == "visa" else name.removeprefix("visa_")
    return next((card for card in CARDS if card.token == name), None)


def after_payment(details: Json) -> AfterPayment:
    """What happens later to a charge with these `payment_method_details`."""
    return by_last4(details["card"]["last4"]).later if details["type"] == "card" else AfterPayment.NOTHING
