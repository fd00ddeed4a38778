"""Email over SMTP."""

import smtplib
from contextlib import closing, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime

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


class SmtpMailGateway:
    """Connects to `host`:`port` without encryption, for a mail server on the same machine; `sender` is From."""

    def __init__(self, host: str, port: int, sender: str) -> None:
        self._host = host
        self._port = port
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
            with closing(smtplib.SMTP(self._host, self._port, timeout=CONNECT_S)) as server:
                if server.sock:
                    server.sock.settimeout(ANSWER_S)
                server.send_message(message)
                # The server has the email: an error from here on must not send it again.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
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
