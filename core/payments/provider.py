"""The calls to the payment provider: outside of any transaction, because they may take seconds."""

import structlog

from core.payments.checkout import Plan
from core.payments.problems import ProviderRefused, ProviderUnavailable
from core.ports.errors import GatewayError, GatewayRejected, GatewayUnavailable
from core.ports.payments import CheckoutSession, PaymentGateway

_RETRY_AFTER_S = 5

log = structlog.get_logger("payments")


def open_checkout(gateway: PaymentGateway, planned: Plan) -> CheckoutSession:
    """The planned checkout, after the one it replaces is closed. Raises ProviderUnavailable or ProviderRefused."""
    try:
        if planned.replaces:
            gateway.expire_checkout_session(planned.replaces)
        return gateway.create_checkout_session(planned.request)
    except GatewayUnavailable as error:
        raise ProviderUnavailable(
            "The payment provider does not answer; the order stands, ask again soon.", retry_after=_RETRY_AFTER_S
        ) from error
    except GatewayRejected as error:
        # What it said is about our request, so it is for the operator and not for the buyer.
        log.exception("checkout refused", order_id=str(planned.order_id), reason=str(error))
        raise ProviderRefused("The payment provider refused this checkout; asking again changes nothing.") from error


def close_checkout(gateway: PaymentGateway, session_id: str | None) -> None:
    """Close a checkout that must not be paid any more, if there is one.

    A failure is logged and nothing more: the order is cancelled already, so money that comes opens a finding.
    """
    if session_id is None:
        return
    try:
        gateway.expire_checkout_session(session_id)
    except GatewayError as error:
        log.warning("checkout not closed", session_id=session_id, reason=str(error))
