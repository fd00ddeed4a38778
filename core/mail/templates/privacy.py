"""Emails about a person's own data."""

from collections.abc import Mapping

from core.mail.content import Content, Reading


def export_ready(reading: Reading, params: Mapping[str, str]) -> Content:
    """The archive that the reader asked for can be downloaded."""
    return Content(
        reading.say("export_ready_subject"),
        [reading.say("export_ready_body", days=params["days"])],
        links=[reading.link("to_profile", "/profile")],
    )
