"""What every MailGateway must do; the gateway talks to the sink in a process of its own."""

from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime
from uuid import uuid4

import pytest

from core.gateways.smtp import SmtpMailGateway
from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.ports.mail import Email, MailGateway
from scripts.local.ports import free_port
from tests.contract.conftest import MailSink

SENDER = "Aula <no-reply@aula.example>"


@pytest.fixture
def gateway(mail_sink: MailSink) -> MailGateway:
    return SmtpMailGateway("127.0.0.1", mail_sink.smtp_port, SENDER)


def email(subject: str = "Receipt", text: str = "Thank you.") -> Email:
    return Email(f"<{uuid4()}@aula.example>", "buyer@example.com", subject, text)


def found(sink: MailSink, sent: Email) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = sink.http.get("/messages.json").json()["messages"]
    return [message for message in messages if message["message_id"] == sent.message_id]


def test_a_letter_arrives_once_when_send_returns(gateway: MailGateway, mail_sink: MailSink) -> None:
    sent = email()
    gateway.send(sent)
    (arrived,) = found(mail_sink, sent)
    assert (arrived["to"], arrived["from"], arrived["subject"]) == (sent.to, SENDER, sent.subject)


def test_every_script_arrives_as_it_was_written(gateway: MailGateway, mail_sink: MailSink) -> None:
    sent = email("Kvitto på din kurs – ångström ✓", "Hej Åsa!\n\nDu är med: 日本語, עברית.\n.\nEn ensam punkt ovan.\n")
    gateway.send(sent)
    (arrived,) = found(mail_sink, sent)
    assert (arrived["subject"], arrived["text"]) == (sent.subject, sent.text)


def test_the_file_on_disk_is_a_whole_mail_with_its_date(gateway: MailGateway, mail_sink: MailSink) -> None:
    sent = email()
    gateway.send(sent)
    (arrived,) = found(mail_sink, sent)
    message = message_from_bytes((mail_sink.folder / f"{arrived['id']}.eml").read_bytes(), policy=default)
    assert message["Message-ID"] == sent.message_id
    assert parsedate_to_datetime(str(message["Date"])).tzinfo is not None


def test_a_letter_can_be_read_in_the_inbox(gateway: MailGateway, mail_sink: MailSink) -> None:
    sent = email("Read <b>me</b>", "1 < 2")
    gateway.send(sent)
    (arrived,) = found(mail_sink, sent)
    assert "Read &lt;b&gt;me&lt;/b&gt;" in mail_sink.http.get("/").text
    assert "1 &lt; 2" in mail_sink.http.get(f"/messages/{arrived['id']}").text
    assert mail_sink.http.get(f"/messages/{arrived['id']}.json").json() == arrived
    assert mail_sink.http.get("/messages/none").status_code == 404


def test_a_subject_that_would_add_headers_is_rejected(gateway: MailGateway, mail_sink: MailSink) -> None:
    sent = email("Hello\r\nBcc: everybody@example.com")
    with pytest.raises(GatewayRejected):
        gateway.send(sent)
    assert found(mail_sink, sent) == []


def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(GatewayUnavailable):
        SmtpMailGateway("127.0.0.1", free_port(), SENDER).send(email())
