"""Email over SMTP."""

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.header import Header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from email.utils import localtime
from typing import Literal

import idna

from core.ports.errors import GatewayDeferred, GatewayRejected, GatewayUnavailable
from core.ports.mail import Email

# Seconds to connect and be greeted.
CONNECT_S = 10.0
# Seconds for each answer afterwards. A server may scan an email before it accepts it; an email that is given up too
# early is sent twice: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2
ANSWER_S = 60.0
_CLOSING, _PERMANENT = 421, 500
# The server wants a login, or refuses the one it got: https://www.rfc-editor.org/rfc/rfc4954#section-6
_LOGIN = frozenset({530, 534, 535, 538})


# A mail program decodes a word that begins so (RFC 2047), so a subject that has it is encoded whole.
_ENCODED_WORD = "=?"
# Its headers are written as they are encoded here: Python would decode an encoded word of a subject, and folds long
# texts of other scripts with a space too few.
_POLICY = SMTP.clone(refold_source="none")

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail. `none` is for one on the same machine or in a private network."""

    host: str
    port: int
    security: Security = "none"
    username: str | None = None
    password: str = field(default="", repr=False)


class SmtpMailGateway:
    """Hands mail to `server`; `sender` is From. Certificates are checked."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    def send(self, email: Email) -> None:
        """Hand one email over.

        A recipient or an email that is refused for good (5xx) is rejected. A recipient that cannot get it now (4xx) is
        deferred. Whatever else goes wrong, a greeting, a sender or a login that is refused included, is between the
        servers: the email may be taken later.
        """
        try:
            message = self._compose(email)
        except ValueError as error:
            raise GatewayRejected(f"the mail cannot be written: {error}") from error
        try:
            with closing(self._connect()) as server:
                self._begin(server)
                server.send_message(message)
                # The server has the email: an error from here on must not send it again.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPException as error:
            raise _translated(error) from error
        except OSError as error:
            raise GatewayUnavailable(f"mail server: {type(error).__name__}") from error

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=CONNECT_S, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=CONNECT_S)

    def _begin(self, server: smtplib.SMTP) -> None:
        """Encrypt and log in, as the settings say."""
        if server.sock:
            server.sock.settimeout(ANSWER_S)
        try:
            if self._server.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self._server.username is not None:
                server.login(self._server.username, self._server.password)
        except smtplib.SMTPNotSupportedError as error:
            raise GatewayUnavailable("mail server: it offers no STARTTLS, or no login") from error

    def _compose(self, email: Email) -> EmailMessage:
        message = EmailMessage(_POLICY)
        message["Message-ID"] = email.message_id
        message["Date"] = localtime()
        message["From"] = self._sender
        message["To"] = _with_ascii_domain(email.to)
        if (count := len(message["To"].addresses)) != 1:
            raise ValueError(f"it is for one address, not for {count}")
        _set_subject(message, email.subject)
        message.set_content(email.text, charset="utf-8")
        if email.html is not None:
            message.add_alternative(email.html, subtype="html", charset="utf-8")
        if email.calendar is not None:
            message.add_attachment(
                email.calendar,
                "text",
                "calendar",
                filename="seminar.ics",
                params={"method": "PUBLISH", "charset": "utf-8"},
            )
        return message


def _with_ascii_domain(address: str) -> str:
    """An address with its domain as the DNS has it. Raises ValueError."""
    local, _at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{idna.encode(domain, uts46=True).decode()}"


def _set_subject(message: EmailMessage, subject: str) -> None:
    """Set a subject that is read as it was typed. Raises ValueError."""
    if subject.isascii() and _ENCODED_WORD not in subject:
        message["Subject"] = subject
        return
    if any(character in subject for character in "\r\n"):
        raise ValueError("a subject is one line")
    message.set_raw("Subject", Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n"))
    read = BytesParser(policy=default).parsebytes(message.as_bytes())["Subject"]
    if read != subject:
        raise ValueError("the subject would be read in another way")


def _translated(error: smtplib.SMTPException) -> GatewayUnavailable | GatewayRejected:
    match error:
        case smtplib.SMTPRecipientsRefused():
            # An email has one recipient.
            codes = [code for code, _reason in error.recipients.values()]
            return _recipient_refused(codes[0]) if codes else GatewayRejected("the mail has no address")
        case smtplib.SMTPNotSupportedError():
            return GatewayRejected("the mail server cannot carry this address")
        case smtplib.SMTPDataError(smtp_code=code) if code >= _PERMANENT and code not in _LOGIN:
            return GatewayRejected(f"the mail server refused the email with {code}")
        case smtplib.SMTPResponseException(smtp_code=code):
            return GatewayUnavailable(f"mail server: {code}")
        case _:
            return GatewayUnavailable(f"mail server: {type(error).__name__}")


def _recipient_refused(code: int) -> GatewayUnavailable | GatewayRejected:
    if code == _CLOSING or code in _LOGIN:
        return GatewayUnavailable(f"mail server: {code}")
    if code >= _PERMANENT:
        return GatewayRejected(f"the mail server refused the recipient with {code}")
    return GatewayDeferred(f"mail server: {code} for the recipient")
