"""The calls to the payment provider: outside of any transaction, because they may take seconds."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import TypeVar

import structlog

from core.payments.checkout import Plan
from core.payments.problems import ProviderBusy, ProviderRefused, ProviderUnavailable
from core.ports.errors import (
    GatewayBusy,
    GatewayError,
    GatewayKeySpent,
    GatewayNotFound,
    GatewayRejected,
    GatewayUnavailable,
)
from core.ports.payments import CheckoutSession, FetchedSession, PaymentGateway

# Seconds, where the gateway does not say how long to wait.
_RETRY_AFTER_S = 5

_Answer = TypeVar("_Answer")

log = structlog.get_logger("payments")


def ask_previous(gateway: PaymentGateway, planned: Plan) -> FetchedSession | None:
    """What became of the order's previous session, closed first if it is to be replaced.

    None if there is none, or the provider does not know it. Raises ProviderUnavailable, ProviderBusy, ProviderRefused.
    """
    session_id = planned.previous
    if session_id is None:
        return None
    if planned.reuses:
        return ask(gateway, session_id)
    # Asked after it is closed: until then the buyer can pay.
    return _ask(lambda: close_and_fetch(gateway, session_id), session_id)


def ask(gateway: PaymentGateway, session_id: str) -> FetchedSession | None:
    """What the provider says about a session; None when it does not know it, so that it can never be paid.

    Raises ProviderUnavailable, ProviderBusy or ProviderRefused.
    """
    return _ask(lambda: gateway.fetch_checkout_session(session_id), session_id)


def close_and_fetch(gateway: PaymentGateway, session_id: str) -> FetchedSession:
    """Close a session if it is still open, and return what became of it. Raises GatewayError."""
    gateway.expire_checkout_session(session_id)
    return gateway.fetch_checkout_session(session_id)


def open_checkout(gateway: PaymentGateway, planned: Plan, previous: FetchedSession | None) -> CheckoutSession:
    """The planned checkout: the open one again, or a new one.

    Raises ProviderUnavailable, ProviderBusy or ProviderRefused.
    """
    if planned.reuses and previous:
        return previous.session
    return _call(lambda: _create(gateway, planned), str(planned.order_id))


def _create(gateway: PaymentGateway, planned: Plan) -> CheckoutSession:
    try:
        return gateway.create_checkout_session(planned.request)
    except GatewayKeySpent:
        # Under the first key the provider repeats an error for a day. A session that it may have made before the error
        # is harmless: its address was never sent.
        return gateway.create_checkout_session(replace(planned.request, idempotency_key=planned.spare_key))


def _ask(request: Callable[[], FetchedSession], session_id: str) -> FetchedSession | None:
    def known() -> FetchedSession | None:
        try:
            return request()
        except GatewayNotFound:
            log_unknown(session_id)
            return None

    return _call(known, session_id)


def log_unknown(session_id: str) -> None:
    """The provider does not know a session that it made: its account, or its mode, is another one now."""
    log.error("checkout session unknown to the payment provider", session_id=session_id)


def _call(request: Callable[[], _Answer], subject: str) -> _Answer:
    try:
        return request()
    except GatewayBusy as error:
        raise ProviderBusy("Many checkouts are being opened; ask again soon.", retry_after=_seconds(error)) from error
    except GatewayUnavailable as error:
        raise ProviderUnavailable(
            "The payment provider does not answer; the order stands, ask again soon.", retry_after=_seconds(error)
        ) from error
    except GatewayRejected as error:
        # What it said is about our request, so it is for the operator and not for the buyer.
        log.exception("request refused by the payment provider", subject=subject, reason=str(error))
        raise ProviderRefused("The payment provider refused this checkout; asking again changes nothing.") from error


def _seconds(error: GatewayUnavailable) -> int:
    return _RETRY_AFTER_S if error.retry_after is None else max(1, ceil(error.retry_after))


def close_checkout(gateway: PaymentGateway, session_id: str) -> None:
    """Close a checkout that was opened for an order that cannot be paid any more.

    A failure is logged and nothing more: the session ends by itself, and money that comes opens a finding.
    """
    try:
        gateway.expire_checkout_session(session_id)
    except GatewayError as error:
        log.warning("checkout not closed", session_id=session_id, reason=str(error))
