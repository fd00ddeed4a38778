"""Mail over an encrypted connection, with a login, to a server with a certificate."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from core.gateways.smtp import MailServer, Security, SmtpMailGateway
from core.ports.errors import GatewayUnavailable
from core.ports.mail import Email
from scripts.local.ports import free_port

EMAIL = Email("<1@aula.example>", "buyer@example.com", "Receipt", "Thank you.")
LOGIN = LoginPassword(b"aula", b"correct horse")


# The server would rather see STARTTLS than a connection that is encrypted from the start.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


@dataclass(slots=True)
class Handler:
    """Counts the emails and how each came."""

    stored: int = 0
    encrypted: bool = False

    async def handle_DATA(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.stored += 1
        self.encrypted = server.transport is not None and server.transport.get_extra_info("ssl_object") is not None
        return "250 OK"


def check_login(_server: object, _session: object, _envelope: object, _mechanism: str, given: object) -> AuthResult:
    return AuthResult(success=given == LOGIN, handled=False)


@dataclass(frozen=True, slots=True)
class RunningServer:
    handler: Handler
    address: MailServer

    def send(self, address: MailServer | None = None) -> None:
        """Send one email to the server, or to `address`."""
        SmtpMailGateway(address or self.address, "Aula <no-reply@aula.example>").send(EMAIL)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return made


@pytest.fixture(params=["starttls", "tls"])
def server(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[RunningServer]:
    security: Security = request.param
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - pyOpenSSL is not installed
    handler, port = Handler(), free_port()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=port,
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        auth_required=True,
        auth_require_tls=security == "starttls",
        authenticator=check_login,
    )
    controller.start()
    yield RunningServer(handler, MailServer("127.0.0.1", port, security, "aula", "correct horse"))
    controller.stop()


def test_an_email_is_sent_encrypted_after_the_login(server: RunningServer) -> None:
    server.send()
    assert (server.handler.stored, server.handler.encrypted) == (1, True)


def test_a_wrong_password_is_an_outage_and_is_not_told(server: RunningServer) -> None:
    with pytest.raises(GatewayUnavailable) as refused:
        server.send(replace(server.address, password="wrong horse"))
    assert "horse" not in str(refused.value)
    assert server.handler.stored == 0


def test_a_missing_login_is_an_outage(server: RunningServer) -> None:
    with pytest.raises(GatewayUnavailable):
        server.send(replace(server.address, username=None))


def test_a_certificate_that_nobody_signed_is_refused(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(GatewayUnavailable, match="SSL"):
        server.send()
    assert server.handler.stored == 0


def test_a_certificate_for_another_name_is_refused(server: RunningServer) -> None:
    with pytest.raises(GatewayUnavailable):
        server.send(replace(server.address, host="127.0.0.2"))
    assert server.handler.stored == 0


def test_a_server_without_encryption_is_not_used_when_it_is_asked_for() -> None:
    port = free_port()
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with pytest.raises(GatewayUnavailable, match="STARTTLS"):
            RunningServer(Handler(), MailServer("127.0.0.1", port, "starttls")).send()
    finally:
        controller.stop()
