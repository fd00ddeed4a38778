"""The SMTP handler: accepts and stores every email."""

from aiosmtpd.smtp import SMTP, Envelope, Session

from emulators.mail.faults import Faults
from emulators.mail.mailbox import Mailbox


class Sink:
    """An aiosmtpd handler; it accepts an email after its file is written."""

    def __init__(self, mailbox: Mailbox, faults: Faults) -> None:
        self._mailbox = mailbox
        self._faults = faults

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient, unless the set fault refuses it."""
        if self._faults.refused_with is not None:
            return f"{self._faults.refused_with} Refused, as set by /_emulator/faults"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Store one email."""
        content = envelope.original_content
        if not content:
            return "554 5.6.0 The email is empty"
        return f"250 2.0.0 Stored as {self._mailbox.store(content)}"
