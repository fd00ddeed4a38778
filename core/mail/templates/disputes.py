"""Emails about disputes."""

from collections.abc import Mapping

from core.mail.content import Content, Reading
from core.mail.templates.orders import lines_of, order_details, order_link, order_of


def disputed(reading: Reading, params: Mapping[str, str]) -> Content:
    """The buyer's bank asks for the money back: access is paused."""
    return _about(reading, params, "disputed")


def won(reading: Reading, params: Mapping[str, str]) -> Content:
    """The bank has left the money with us: access is back."""
    return _about(reading, params, "dispute_won")


def lost(reading: Reading, params: Mapping[str, str]) -> Content:
    """The bank has taken the money back: access has ended."""
    return _about(reading, params, "dispute_lost")


def _about(reading: Reading, params: Mapping[str, str], template: str) -> Content:
    order = order_of(reading, params)
    return Content(
        reading.say(f"{template}_subject"),
        [reading.say(f"{template}_body")],
        lines=lines_of(reading, order),
        details=order_details(reading, order),
        links=[order_link(reading, order)],
    )
