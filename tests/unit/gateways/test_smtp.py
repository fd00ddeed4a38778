import asyncio
import threading
from collections.abc import Iterator

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.gateways.smtp import MailServer, SmtpMailGateway
from core.ports.errors import GatewayDeferred, GatewayError, GatewayRejected, GatewayUnavailable
from core.ports.mail import Email

EMAIL = Email("<1@aula.example>", "buyer@example.com", "Receipt", "Thank you.")


class FakeSmtpServer:
    """Answers each SMTP command with the reply that a test sets."""

    def __init__(self) -> None:
        self.mail = "250 OK"
        self.rcpt = "250 OK"
        self.data = "250 OK"
        self.quit = "221 Bye"
        self.stored = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.mail

    async def handle_RCPT(  # noqa: N802 - likewise
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - likewise
        self.stored += self.data.startswith("250")
        return self.data

    async def handle_QUIT(self, *_: object) -> str:  # noqa: N802 - likewise
        return self.quit


@pytest.fixture
def smtp() -> Iterator[tuple[FakeSmtpServer, SmtpMailGateway]]:
    handler = FakeSmtpServer()
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = server.sockets[0].getsockname()[1]
    yield handler, SmtpMailGateway(MailServer("127.0.0.1", port), "Aula <no-reply@aula.example>")
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.run_until_complete(server.wait_closed())
    loop.close()


@pytest.mark.parametrize(
    ("step", "answer", "raised"),
    [
        ("rcpt", "421 4.3.2 Shutting down", GatewayUnavailable),
        ("rcpt", "450 4.2.2 Mailbox full", GatewayDeferred),
        ("rcpt", "451 4.7.1 Greylisted", GatewayDeferred),
        ("rcpt", "530 5.7.0 Authentication required", GatewayUnavailable),
        ("rcpt", "550 5.1.1 Nobody here", GatewayRejected),
        ("rcpt", "554 5.7.1 Spam", GatewayRejected),
        ("data", "421 4.3.2 Shutting down", GatewayUnavailable),
        ("data", "452 4.3.1 Insufficient storage", GatewayUnavailable),
        ("data", "530 5.7.0 Authentication required", GatewayUnavailable),
        ("data", "550 5.6.0 Malformed", GatewayRejected),
        ("data", "554 5.7.1 Spam", GatewayRejected),
    ],
)
def test_temporary_and_permanent_refusals_are_different_errors(
    smtp: tuple[FakeSmtpServer, SmtpMailGateway], step: str, answer: str, raised: type[GatewayError]
) -> None:
    handler, gateway = smtp
    setattr(handler, step, answer)
    with pytest.raises(GatewayError, match=answer[:3]) as refusal:
        gateway.send(EMAIL)
    assert type(refusal.value) is raised


@pytest.mark.parametrize("answer", ["221 Bye", "421 4.3.2 Shutting down", "500 What?"])
def test_an_error_after_the_email_was_accepted_does_not_send_it_again(
    smtp: tuple[FakeSmtpServer, SmtpMailGateway], answer: str
) -> None:
    handler, gateway = smtp
    handler.quit = answer
    gateway.send(EMAIL)
    assert handler.stored == 1


@pytest.mark.parametrize("answer", ["450 4.1.8 Try later", "550 5.7.1 Sender not welcome"])
def test_a_refused_sender_is_a_temporary_error(smtp: tuple[FakeSmtpServer, SmtpMailGateway], answer: str) -> None:
    handler, gateway = smtp
    handler.mail = answer
    with pytest.raises(GatewayUnavailable, match=answer[:3]):
        gateway.send(EMAIL)


def test_an_accepted_email_raises_nothing(smtp: tuple[FakeSmtpServer, SmtpMailGateway]) -> None:
    smtp[1].send(EMAIL)


@pytest.mark.parametrize("address", ["åsa@exämple.se", "a@b.se\r\nRCPT TO:<c@d.se>", "a@b.se, c@d.se", ""])
def test_an_unusable_address_is_rejected(smtp: tuple[FakeSmtpServer, SmtpMailGateway], address: str) -> None:
    with pytest.raises(GatewayRejected):
        smtp[1].send(Email("<2@aula.example>", address, "Receipt", "Thank you."))
