"""The SMTP side: takes every letter and keeps it."""

from aiosmtpd.smtp import SMTP, Envelope, Session

from emulators.mail.mailbox import Mailbox


class Sink:
    """An aiosmtpd handler; a letter counts as taken once its file is written."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one letter."""
        content = envelope.original_content
        if not content:
            return "554 5.6.0 The letter is empty"
        return f"250 2.0.0 Kept as {self._mailbox.keep(content)}"
