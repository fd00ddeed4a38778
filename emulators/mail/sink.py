"""The SMTP handler: accepts and stores every email."""

from aiosmtpd.smtp import SMTP, Envelope, Session

from emulators.mail.mailbox import Mailbox


class Sink:
    """An aiosmtpd handler; it accepts an email after its file is written."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Store one email."""
        content = envelope.original_content
        if not content:
            return "554 5.6.0 The email is empty"
        return f"250 2.0.0 Stored as {self._mailbox.store(content)}"
