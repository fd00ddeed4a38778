"""The contract of every MailGateway; the mail sink runs in its own process."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime
from uuid import uuid4

import pytest

from core.gateways.smtp import MailServer, SmtpMailGateway
from core.ports.errors import GatewayDeferred, GatewayRejected, GatewayUnavailable
from core.ports.mail import Email, MailGateway
from scripts.local.ports import free_port
from tests.contract.conftest import MailEmulator

SENDER = "Aula <no-reply@aula.example>"


@pytest.fixture
def gateway(mail_emulator: MailEmulator) -> MailGateway:
    return SmtpMailGateway(MailServer("127.0.0.1", mail_emulator.smtp_port), SENDER)


def email(subject: str = "Receipt", text: str = "Thank you.") -> Email:
    return Email(f"<{uuid4()}@aula.example>", "buyer@example.com", subject, text)


def received(emulator: MailEmulator, sent: Email) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = emulator.http.get("/messages.json").json()["messages"]
    return [message for message in messages if message["message_id"] == sent.message_id]


def test_an_email_has_arrived_once_when_send_returns(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    sent = email()
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    assert (arrived["to"], arrived["from"], arrived["subject"]) == (sent.to, SENDER, sent.subject)


def test_an_email_keeps_every_script_unchanged(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    sent = email("Kvitto på din kurs – ångström ✓", "Hej Åsa!\n\nDu är med: 日本語, עברית.\n.\nEn ensam punkt ovan.\n")
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    assert (arrived["subject"], arrived["text"]) == (sent.subject, sent.text)


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?x=0d=0aX-Injected:_yes=0d=0a=0d=0a<b>?=",
        "You now have access to =?utf-8?b?VGVzdA==?= and more",
        "Ångström =?utf-8?q?x?= slut",
        "En lång rubrik om ångström, åkrar, älvar och öar " * 4 + "slut",
        "日本語の長い題名" * 20,
    ],
    ids=["injected-header", "encoded-word", "among-others", "long", "long-of-another-script"],
)
def test_a_subject_is_read_as_it_was_typed(gateway: MailGateway, mail_emulator: MailEmulator, subject: str) -> None:
    sent = email(subject)
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    assert arrived["subject"] == subject
    raw = (mail_emulator.folder / f"{arrived['id']}.eml").read_bytes()
    assert b"X-Injected" not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_domain_of_another_script_leaves_as_the_dns_has_it(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    sent = replace(email(), to="buyer@köp.example")
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    assert arrived["to"] == "buyer@xn--kp-fka.example"


def test_the_stored_file_is_a_complete_email_with_a_date(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    sent = email()
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    message = message_from_bytes((mail_emulator.folder / f"{arrived['id']}.eml").read_bytes(), policy=default)
    assert message["Message-ID"] == sent.message_id
    assert parsedate_to_datetime(str(message["Date"])).tzinfo is not None


def test_a_calendar_arrives_as_an_attachment(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    calendar = b"BEGIN:VCALENDAR\r\nSUMMARY:F\xc3\xa4rg\r\nEND:VCALENDAR\r\n"
    sent = replace(email(text="Hej!\n"), html="<p>Hej!</p>\n", calendar=calendar)
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    message = message_from_bytes((mail_emulator.folder / f"{arrived['id']}.eml").read_bytes(), policy=default)
    [attachment] = message.iter_attachments()
    assert (attachment.get_content_type(), attachment.get_filename()) == ("text/calendar", "seminar.ics")
    assert attachment.get_payload(decode=True) == calendar
    assert attachment.get_content_charset() == "utf-8"


def test_an_email_with_html_arrives_with_both_parts(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    sent = replace(email(text="Hej Åsa!\n"), html="<p>Hej Åsa!</p>\n")
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    message = message_from_bytes((mail_emulator.folder / f"{arrived['id']}.eml").read_bytes(), policy=default)
    assert message.get_content_type() == "multipart/alternative"
    parts = [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in message.iter_parts()]
    assert parts == [("text/plain", sent.text), ("text/html", sent.html)]
    assert (arrived["text"], arrived["attachments"]) == (sent.text, [])


def test_an_email_is_shown_in_the_inbox(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    sent = email("Read <b>me</b>", "1 < 2")
    gateway.send(sent)
    (arrived,) = received(mail_emulator, sent)
    assert "Read &lt;b&gt;me&lt;/b&gt;" in mail_emulator.http.get("/").text
    assert "1 &lt; 2" in mail_emulator.http.get(f"/messages/{arrived['id']}").text
    assert mail_emulator.http.get(f"/messages/{arrived['id']}.json").json() == arrived
    assert mail_emulator.http.get("/messages/none").status_code == 404


def test_a_subject_with_a_line_break_is_rejected(gateway: MailGateway, mail_emulator: MailEmulator) -> None:
    sent = email("Hello\r\nBcc: everybody@example.com")
    with pytest.raises(GatewayRejected):
        gateway.send(sent)
    assert received(mail_emulator, sent) == []


def test_a_refused_connection_is_unavailable() -> None:
    with pytest.raises(GatewayUnavailable):
        SmtpMailGateway(MailServer("127.0.0.1", free_port()), SENDER).send(email())


@pytest.mark.parametrize(("code", "raised"), [(550, GatewayRejected), (450, GatewayDeferred)])
def test_the_sink_refuses_while_it_is_told_to(
    gateway: MailGateway, mail_emulator: MailEmulator, code: int, raised: type[Exception]
) -> None:
    refused, accepted = email(), email()
    assert mail_emulator.http.post("/_emulator/faults", params={"refused_with": code}).json() == {"refused_with": code}
    with pytest.raises(raised, match=str(code)):
        gateway.send(refused)
    mail_emulator.http.post("/_emulator/faults").raise_for_status()
    gateway.send(accepted)
    assert (len(received(mail_emulator, refused)), len(received(mail_emulator, accepted))) == (0, 1)


@pytest.mark.parametrize("code", ["250", "5500", "no"])
def test_the_sink_names_what_a_refusal_may_be(mail_emulator: MailEmulator, code: str) -> None:
    answer = mail_emulator.http.post("/_emulator/faults", params={"refused_with": code})
    assert answer.status_code == 400
    assert "400 to 599" in answer.json()["error"]
