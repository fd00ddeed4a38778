"""What the business needs from a mail server."""

from dataclasses import dataclass
from typing import Final, Protocol

# The right-hand side of every Message-ID.
MESSAGE_ID_DOMAIN: Final = "mail.aula.example"


@dataclass(frozen=True, slots=True)
class Email:
    """One mail; `message_id` is its stable RFC 5322 Message-ID, the same on every repetition.

    `html` has the same words as `text`; readers choose. `calendar` is attached as iCalendar.
    """

    message_id: str
    to: str
    subject: str
    text: str
    html: str | None = None
    calendar: bytes | None = None


class MailGateway(Protocol):
    """Hands a mail to the next server. Raises `GatewayUnavailable` or `GatewayRejected`."""

    def send(self, email: Email) -> None:
        """Return when the server has taken responsibility for the email."""
        ...
