"""Email over SMTP."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime

from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.ports.mail import Email

_TIMEOUT_S = 10.0
_PERMANENT = 500


class SmtpMailGateway:
    """Connects to `host`:`port` without encryption, for a mail server on the same machine; `sender` is From."""

    def __init__(self, host: str, port: int, sender: str) -> None:
        self._host = host
        self._port = port
        self._sender = sender

    def send(self, email: Email) -> None:
        """Hand one email over.

        A recipient or an email that is refused for good (5xx) is rejected. Whatever else goes wrong, a greeting or a
        sender that is refused included, is between the servers: the email may be taken later.
        """
        try:
            message = self._compose(email)
        except ValueError as error:
            raise GatewayRejected(f"the mail cannot be written: {error}") from error
        try:
            with smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT_S) as server:
                server.send_message(message)
        except smtplib.SMTPException as error:
            raise _translated(error) from error
        except OSError as error:
            raise GatewayUnavailable(f"mail server: {type(error).__name__}") from error

    def _compose(self, email: Email) -> EmailMessage:
        message = EmailMessage(SMTP)
        message["Message-ID"] = email.message_id
        message["Date"] = localtime()
        message["From"] = self._sender
        message["To"] = email.to
        if (count := len(message["To"].addresses)) != 1:
            raise ValueError(f"it is for one address, not for {count}")
        message["Subject"] = email.subject
        message.set_content(email.text, charset="utf-8")
        if email.html is not None:
            message.add_alternative(email.html, subtype="html", charset="utf-8")
        return message


def _translated(error: smtplib.SMTPException) -> GatewayUnavailable | GatewayRejected:
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _reason in error.recipients.values()]
            if all(code >= _PERMANENT for code in codes):
                return GatewayRejected(f"the mail server refused the recipient: {codes or 'no address'}")
            return GatewayUnavailable(f"mail server: {codes}")
        case smtplib.SMTPNotSupportedError():
            return GatewayRejected("the mail server cannot carry this address")
        case smtplib.SMTPDataError(smtp_code=code) if code >= _PERMANENT:
            return GatewayRejected(f"the mail server refused the email with {code}")
        case smtplib.SMTPResponseException(smtp_code=code):
            return GatewayUnavailable(f"mail server: {code}")
        case _:
            return GatewayUnavailable(f"mail server: {type(error).__name__}")
