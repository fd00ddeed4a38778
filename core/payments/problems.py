"""Why an order cannot be paid, as facts.

Problem
├── Conflict 409
│   ├── OrderAlreadyPaid       it is paid, fulfilled or refunded, or was free
│   ├── PaymentInProgress      a payment is on its way, or the provider says that one has begun
│   ├── OrderExpired           its time is over
│   ├── OrderCancelled         the buyer cancelled it
│   ├── PaymentGivenBack       an operator accepts a payment whose money is back, or disputed
│   ├── CheckoutOvertaken      another request opened a checkout at the same moment
│   └── CheckoutUnknown        the provider does not know the open checkout
├── ProviderUnavailable 503    try again later
├── ProviderBusy 503           as many requests as allowed wait for the provider
└── ProviderRefused 502        trying again changes nothing
"""

from core.problems import Conflict, Problem


class OrderAlreadyPaid(Conflict):
    """The order is paid, or was free."""

    code = "order_already_paid"
    title = "This order is paid."


class PaymentInProgress(Conflict):
    """A payment of this order has begun and is not settled."""

    code = "payment_in_progress"
    title = "A payment of this order is on its way."


class OrderExpired(Conflict):
    """The order was not paid in time."""

    code = "order_expired"
    title = "This order has expired."


class OrderCancelled(Conflict):
    """The buyer cancelled the order."""

    code = "order_cancelled"
    title = "This order is cancelled."


class PaymentGivenBack(Conflict):
    """Money of the payment was given back, or is disputed, so it cannot cover its order."""

    code = "payment_given_back"
    title = "This payment cannot be accepted."


class CheckoutOvertaken(Conflict):
    """Another request for the same order was faster and opened a different checkout."""

    code = "checkout_overtaken"
    title = "Another checkout was opened at the same moment."


class CheckoutUnknown(Conflict):
    """The provider does not know the order's open checkout; it is closed here, and asking again opens another."""

    code = "checkout_unknown"
    title = "The checkout does not exist any more."


class ProviderUnavailable(Problem):
    """The payment provider does not answer; nothing was changed, and asking again is safe."""

    code = "payment_provider_unavailable"
    title = "Payments are not possible right now."
    status = 503


class ProviderBusy(Problem):
    """As many requests as allowed wait for the payment provider; it was not called."""

    code = "payment_provider_busy"
    title = "Too many payments are being started."
    status = 503


class ProviderRefused(Problem):
    """The payment provider refused what we sent."""

    code = "payment_provider_refused"
    title = "The payment provider refused the checkout."
    status = 502
