"""Whether the mail server answers, and whether findings reach a person."""

import smtplib
from ipaddress import ip_address
from typing import Final

from core.settings import Settings
from scripts.aula.doctor.checks import Check, Checks, fault, ok, warning

_WAIT_SECONDS: Final = 5.0


def check_mail(settings: Settings) -> Checks:
    """The mail server's greeting, and the address of the operator."""
    yield _check_server(settings.smtp_host, settings.smtp_port)
    if settings.operator_email:
        yield ok("mail", "operator", "new findings are mailed to AULA_OPERATOR_EMAIL")
    else:
        said = "AULA_OPERATOR_EMAIL is not set: new findings are in the log alone"
        yield warning("mail", "operator", said, "Set it to an address that is read.")


def _check_server(host: str, port: int) -> Check:
    place = f"{host}:{port}"
    try:
        with smtplib.SMTP(host, port, timeout=_WAIT_SECONDS) as server:
            server.ehlo_or_helo_if_needed()
            encrypts = server.has_extn("starttls")
    except (smtplib.SMTPException, OSError) as error:
        said = f"{place}: {type(error).__name__}: no email is sent"
        return fault("mail", "server", said, "Start the mail server, or mend AULA_SMTP_HOST and AULA_SMTP_PORT.")
    if _is_this_host(host):
        return ok("mail", "server", f"{place} answers")
    offered = "which the server offers" if encrypts else "which the server does not offer"
    return warning(
        "mail",
        "server",
        f"{place} answers; Aula sends without STARTTLS, {offered}: others can read emails on their way",
        "Send through a mail server on this host, which encrypts.",
    )


def _is_this_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
