"""Emails about accounts."""

from collections.abc import Mapping

from core.mail.content import Content, Reading


def register(reading: Reading, _params: Mapping[str, str]) -> Content:
    """The reader's address was used to register again."""
    return Content(reading.say("register_subject"), [reading.say("register_body")])
