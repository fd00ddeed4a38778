"""Whether the mail server answers, and whether findings reach a person."""

import smtplib
import ssl
from ipaddress import ip_address
from typing import Final

from core.settings import Settings
from scripts.aula.doctor.checks import Check, Checks, fault, ok, warning

_WAIT_SECONDS: Final = 5.0


def check_mail(settings: Settings) -> Checks:
    """The mail server's greeting, and the address of the operator."""
    yield _check_server(settings)
    if settings.operator_email:
        yield ok("mail", "operator", "new findings are mailed to AULA_OPERATOR_EMAIL")
    else:
        said = "AULA_OPERATOR_EMAIL is not set: new findings are in the log alone"
        yield warning("mail", "operator", said, "Set it to an address that is read.")


def _check_server(settings: Settings) -> Check:
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with _connected(settings) as server:
            server.ehlo_or_helo_if_needed()
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_username is not None:
                server.login(settings.smtp_username, settings.smtp_password.get_secret_value())
    except (smtplib.SMTPException, OSError) as error:
        said = f"{place}: {type(error).__name__}: no email is sent"
        return fault("mail", "server", said, "Start the mail server, or mend the AULA_SMTP_ variables.")
    if settings.smtp_security != "none" or _is_this_host(settings.smtp_host):
        return ok("mail", "server", f"{place} answers")
    return warning(
        "mail",
        "server",
        f"{place} answers, without encryption: others can read emails on their way",
        "Set AULA_SMTP_SECURITY, or send through a mail server on this host.",
    )


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=_WAIT_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=_WAIT_SECONDS)


def _is_this_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
