"""The calls to the payment provider: outside of any transaction, because they may take seconds."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from core.payments.checkout import Plan
from core.payments.problems import ProviderRefused, ProviderUnavailable
from core.ports.errors import GatewayError, GatewayRejected, GatewayUnavailable
from core.ports.payments import CheckoutSession, FetchedSession, PaymentGateway

_RETRY_AFTER_S = 5

_Answer = TypeVar("_Answer")

log = structlog.get_logger("payments")


def ask_previous(gateway: PaymentGateway, planned: Plan) -> FetchedSession | None:
    """What became of the order's previous session, closed first if it is to be replaced; None if there is none.

    Raises ProviderUnavailable or ProviderRefused.
    """
    session_id = planned.previous
    if session_id is None:
        return None
    if planned.reuses:
        return ask(gateway, session_id)
    # Asked after it is closed: until then the buyer can pay.
    return _call(lambda: close_and_fetch(gateway, session_id), session_id)


def ask(gateway: PaymentGateway, session_id: str) -> FetchedSession:
    """What the provider says about a session. Raises ProviderUnavailable or ProviderRefused."""
    return _call(lambda: gateway.fetch_checkout_session(session_id), session_id)


def close_and_fetch(gateway: PaymentGateway, session_id: str) -> FetchedSession:
    """Close a session if it is still open, and return what became of it. Raises GatewayError."""
    gateway.expire_checkout_session(session_id)
    return gateway.fetch_checkout_session(session_id)


def open_checkout(gateway: PaymentGateway, planned: Plan, previous: FetchedSession | None) -> CheckoutSession:
    """The planned checkout: the open one again, or a new one. Raises ProviderUnavailable or ProviderRefused."""
    if planned.reuses and previous:
        return previous.session
    return _call(lambda: gateway.create_checkout_session(planned.request), str(planned.order_id))


def _call(request: Callable[[], _Answer], subject: str) -> _Answer:
    try:
        return request()
    except GatewayUnavailable as error:
        raise ProviderUnavailable(
            "The payment provider does not answer; the order stands, ask again soon.", retry_after=_RETRY_AFTER_S
        ) from error
    except GatewayRejected as error:
        # What it said is about our request, so it is for the operator and not for the buyer.
        log.exception("request refused by the payment provider", subject=subject, reason=str(error))
        raise ProviderRefused("The payment provider refused this checkout; asking again changes nothing.") from error


def close_checkout(gateway: PaymentGateway, session_id: str) -> None:
    """Close a checkout that was opened for an order that cannot be paid any more.

    A failure is logged and nothing more: the session ends by itself, and money that comes opens a finding.
    """
    try:
        gateway.expire_checkout_session(session_id)
    except GatewayError as error:
        log.warning("checkout not closed", session_id=session_id, reason=str(error))
