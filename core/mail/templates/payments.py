"""Emails about payments that have begun or failed."""

from collections.abc import Mapping

from core.formats import moment
from core.mail.content import Content, Reading
from core.mail.templates.orders import lines_of, order_details, order_link, order_of


def begun(reading: Reading, params: Mapping[str, str]) -> Content:
    """A payment by a delayed method has begun."""
    return _about(reading, params, "payment_begun")


def failed(reading: Reading, params: Mapping[str, str]) -> Content:
    """A payment failed: what to do, and until when."""
    return _about(reading, params, "payment_failed")


def _about(reading: Reading, params: Mapping[str, str], template: str) -> Content:
    order = order_of(reading, params)
    return Content(
        reading.say(f"{template}_subject"),
        [reading.say(f"{template}_body", until=moment(order.expires_at, reading.language))],
        lines=lines_of(reading, order),
        details=order_details(reading, order),
        links=[order_link(reading, order)],
    )
