"""Each email of a purchase: sent once, in the reader's language, with its amounts, its order and its links."""

import pytest
from sqlalchemy import select, text

from core.formats import Language
from core.mail.render import TEMPLATES, Rendered, render
from core.webhooks.new_event import NewEvent
from db.models import MailMessage, Profile
from tests.support.addresses import ADDRESSES
from tests.support.jobs import do
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    WebhookHarness,
    dispute_event,
    expired_event,
    failed_event,
    make_event,
    refund_event,
    unpaid_event,
)

APP = ADDRESSES.app_url
TITLE = "Oils & <b>oil</b>"


def place(webhooks: WebhookHarness, language: Language = "sv") -> Purchase:
    purchase = webhooks.place_order()
    do(webhooks.sessions, "update app.profiles set locale = :language, display_name = 'Eva <i>' where id in "
       "(select profile_id from app.orders where id = :id)", language=language, id=purchase.order_id)  # fmt: skip
    do(webhooks.sessions, "update app.order_items set title = :title", title=TITLE)
    return purchase


def tell(webhooks: WebhookHarness, *told: NewEvent) -> None:
    """Deliver events, each also under a second id, with all that follows from each."""
    for event in told:
        for one in (event, event._replace(event_id=f"{event.event_id}_again")):
            webhooks.store(one)
            webhooks.run_jobs()


def emails(webhooks: WebhookHarness, purchase: Purchase) -> dict[str, Rendered]:
    """The emails about the order by template; fails when one was queued twice."""
    wanted = select(MailMessage, Profile).join(Profile, Profile.id == MailMessage.profile_id)
    about = wanted.where(MailMessage.params["order_id"].astext == str(purchase.order_id)).order_by(MailMessage.id)
    with webhooks.sessions() as session:
        rows = session.execute(about).all()
        assert len({mail.template for mail, _ in rows}) == len(rows)
        return {mail.template: render(session, mail, reader, ADDRESSES) for mail, reader in rows}


@pytest.mark.parametrize(
    ("language", "amount", "total"), [("sv", "499,00\u00a0kr", "Summa"), ("en", "SEK\u00a0499.00", "Total")]
)
def test_a_receipt_has_items_total_number_time_and_seller(
    webhooks: WebhookHarness, language: Language, amount: str, total: str
) -> None:
    purchase = place(webhooks, language)
    tell(webhooks, make_event(purchase))
    receipt = emails(webhooks, purchase)["receipt"]
    for words in (f"{TITLE}: {amount}", f"{total}: {amount}", str(purchase.order_id), "(Europe/Stockholm)", "Teacher"):
        assert words in receipt.text
    assert f"{APP}/orders/{purchase.order_id}" in receipt.text
    assert f'href="{APP}/me/courses"' in receipt.html


def test_the_html_part_escapes_what_people_typed(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks)
    tell(webhooks, make_event(purchase))
    html = emails(webhooks, purchase)["receipt"].html
    assert "Oils &amp; &lt;b&gt;oil&lt;/b&gt;" in html
    assert "Eva &lt;i&gt;" in html
    assert [mark for mark in ("<b>", "<i>", "<script", "src=") if mark in html] == []


def test_a_debit_that_fails_says_that_it_began_and_until_when_to_pay(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks, "en")
    tell(webhooks, unpaid_event(purchase), failed_event(purchase))
    found = emails(webhooks, purchase)
    assert list(found) == ["payment_begun", "payment_failed"]
    assert "up to two weeks" in found["payment_begun"].text
    assert "open until" in found["payment_failed"].text
    assert "(Europe/Stockholm)" in found["payment_failed"].text


def test_an_expired_order_is_told_of_once(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks)
    tell(webhooks, expired_event(purchase))
    assert list(emails(webhooks, purchase)) == ["expired"]


def test_each_refund_names_its_amount_and_what_remains(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks)
    tell(webhooks, make_event(purchase), refund_event(purchase, id="re_first", amount=10_000))
    partly = emails(webhooks, purchase)["refunded"]
    assert partly.subject == "En del av din betalning är återbetald"
    assert "100,00\u00a0kr" in partly.text
    assert "399,00\u00a0kr" in partly.text
    assert "Du har kvar tillgången" in partly.text
    tell(webhooks, refund_event(purchase, id="re_second", amount=39_900))
    with webhooks.sessions() as session:
        mail = session.scalars(
            select(MailMessage).where(MailMessage.template == "refunded").order_by(MailMessage.id.desc()).limit(1)
        ).one()
        last = render(session, mail, session.get_one(Profile, mail.profile_id), ADDRESSES)
    assert last.subject == "Din betalning är återbetald"
    assert "399,00\u00a0kr" in last.text
    assert "har upphört" in last.text


def test_a_refund_of_a_second_payment_leaves_the_access(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks, "en")
    tell(webhooks, make_event(purchase), make_event(purchase, payment_intent="pi_second", id="cs_second"))
    tell(webhooks, refund_event(purchase, payment_intent="pi_second"))
    text_of = emails(webhooks, purchase)["refunded"].text
    assert "Nothing remains" in text_of
    assert "You keep your access" in text_of


def test_a_refund_that_is_told_before_its_payment_has_its_email(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks)
    tell(webhooks, refund_event(purchase), make_event(purchase))
    assert "refunded" in emails(webhooks, purchase)


def test_a_refund_that_fails_after_its_success_has_both_emails(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks)
    tell(webhooks, make_event(purchase), refund_event(purchase), refund_event(purchase, "failed"))
    assert {"refunded", "refund_failed"} <= set(emails(webhooks, purchase))


@pytest.mark.parametrize(("end", "template"), [("won", "dispute_won"), ("lost", "dispute_lost")])
def test_a_dispute_has_an_email_for_its_beginning_and_its_end(
    webhooks: WebhookHarness, end: str, template: str
) -> None:
    purchase = place(webhooks)
    tell(webhooks, make_event(purchase), dispute_event(purchase), dispute_event(purchase, end))
    assert list(emails(webhooks, purchase))[-2:] == ["disputed", template]


def test_a_dispute_that_was_won_before_it_was_told_has_no_email(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks)
    tell(webhooks, make_event(purchase), dispute_event(purchase, "won"))
    assert not {"disputed", "dispute_won"} & set(emails(webhooks, purchase))


_OTHERS = {"accounts", "courses", "privacy", "refunds", "seminars"}


def test_every_template_about_an_order_is_whole(webhooks: WebhookHarness) -> None:
    purchase = place(webhooks)
    with webhooks.sessions.begin() as session:
        for number, template in enumerate(TEMPLATES):
            if TEMPLATES[template].__module__.rpartition(".")[2] in {
                "accounts",
                "courses",
                "privacy",
                "refunds",
                "seminars",
            }:
                continue
            session.execute(
                text("insert into app.mail_messages (dedupe_key, template, profile_id, params) "
                     "select :key, :template, profile_id, jsonb_build_object('order_id', id) from app.orders "
                     "where id = :id"),
                {"key": f"test:{number}", "template": template, "id": purchase.order_id},
            )  # fmt: skip
    for template, email in emails(webhooks, purchase).items():
        assert email.subject, template
        assert "{" not in email.text, template
        assert email.text.count("\n\n\n") == 0, template
