"""The pages that a buyer returns to from the checkout."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import update

from api.deps import get_settings
from core.formats import moment
from db.models import Checkout, OrderItem, OrderState, Payment, PaymentState, Refund
from tests.support.api_harness import ApiHarness

REFRESH = re.compile(r'http-equiv="refresh" content="(\d+);url=([^"]+)"')


def _order(api: ApiHarness, state: OrderState = "pending") -> tuple[str, str]:
    """An order for a course and two services, and the session of its checkout."""
    order_id = api.user().place_order(api.course(129_900), api.service(quantity=2))["id"]
    api.set_order(order_id, state=state)
    return order_id, _checkout(api, order_id)


def _checkout(api: ApiHarness, order_id: str, number: int = 1) -> str:
    session_id = f"cs_test_{uuid4().hex}"
    ends, opened = api.clock() + timedelta(hours=1), Checkout(order_id=UUID(order_id), number=number)
    opened.session_id, opened.ui_mode, opened.expires_at = session_id, "hosted_page", ends
    opened.closed_at = None if number == 1 else ends
    api.add(opened)
    return session_id


def _payment(api: ApiHarness, order_id: str, state: PaymentState) -> None:
    payment = Payment(order_id=UUID(order_id), provider_payment_id=uuid4().hex, state=state)
    payment.amount, payment.currency, payment.livemode = 100, "SEK", False
    api.add(payment)


def _thanks(api: ApiHarness, session_id: str, language: str = "en", **query: str) -> httpx.Response:
    params = {"session_id": session_id, **query}
    return api.visitor({"Accept-Language": language}).get("/thanks", params=params)


def _cancelled(api: ApiHarness, order_id: str) -> httpx.Response:
    return api.visitor({"Accept-Language": "en"}).get("/cancelled", params={"order": order_id})


def _heading(page: httpx.Response) -> str:
    found = re.search("<h1>(.*)</h1>", page.text)
    assert found, page.text
    return unescape(found[1])


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("pending", "Waiting for the payment"),
        ("processing", "The payment is on its way"),
        ("paid", "Thank you! The payment is complete"),
        ("fulfilled", "Thank you for your purchase!"),
        ("cancelled", "The order is cancelled"),
        ("expired", "The order has expired"),
        ("refunded", "The purchase is refunded"),
        ("disputed", "Your bank has asked for the payment back"),
    ],
)
def test_the_thanks_page_tells_the_state_of_the_order(api: ApiHarness, state: OrderState, heading: str) -> None:
    _, session_id = _order(api, state)
    page = _thanks(api, session_id)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert _heading(page) == heading
    assert ("refresh" in page.text) == (state in {"pending", "paid"})


def test_the_thanks_page_shows_titles_and_amounts_and_no_address(api: ApiHarness) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.course(129_900), api.service(quantity=2))["id"]
    page = _thanks(api, _checkout(api, order_id))
    assert "2 × Critique" in page.text
    assert "SEK\u00a02,899.00" in page.text
    assert buyer.email not in page.text
    assert "Test User" not in page.text


def test_the_thanks_page_links_to_what_was_bought(api: ApiHarness) -> None:
    course = api.course()
    order_id = api.user().place_order(course)["id"]
    session_id = _checkout(api, order_id)
    link = f'href="/courses/{course["course_id"]}"'
    assert link not in _thanks(api, session_id).text
    api.set_order(order_id, state="fulfilled")
    assert f'<a class="button primary" {link}>Open what you bought</a>' in _thanks(api, session_id).text


def test_the_thanks_page_tells_a_failed_payment(api: ApiHarness) -> None:
    order_id, session_id = _order(api)
    _payment(api, order_id, "failed")
    page = _thanks(api, session_id)
    assert _heading(page) == "The payment did not go through"
    assert moment(api.order_row(order_id).expires_at, "en") in page.text


def _paid_and_refunded(api: ApiHarness, order_id: str, amount: int) -> None:
    paid = Payment(order_id=UUID(order_id), provider_payment_id=f"pi_{uuid4().hex}", state="succeeded")
    paid.amount, paid.currency, paid.livemode = 289_900, "SEK", False
    api.add(paid)
    api.add(Refund(provider_payment_id=paid.provider_payment_id, state="succeeded", amount=amount, currency="SEK"))


def test_the_thanks_page_tells_what_a_refund_of_a_part_leaves(api: ApiHarness) -> None:
    order_id, session_id = _order(api, "fulfilled")
    _paid_and_refunded(api, order_id, 100_000)
    page = _thanks(api, session_id)
    assert _heading(page) == "A part of the purchase is refunded"
    assert "SEK\u00a01,000.00 goes back" in page.text
    assert "SEK\u00a01,899.00 remains" in page.text


def test_the_thanks_page_of_a_failed_payment_leads_to_the_order(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, session_id = _order(api)
    _payment(api, order_id, "failed")
    with_app = api.settings.model_copy(update={"app_url": "https://app.example"})
    monkeypatch.setitem(api.app.dependency_overrides, get_settings, lambda: with_app)
    assert f'href="https://app.example/orders/{order_id}">Pay again</a>' in _thanks(api, session_id).text


@pytest.mark.parametrize("state", ["expired", "cancelled"])
def test_the_thanks_page_of_an_unpaid_order_leads_to_the_course(api: ApiHarness, state: OrderState) -> None:
    course = api.course()
    order_id = api.user().place_order(course)["id"]
    api.set_order(order_id, state=state)
    page = _thanks(api, _checkout(api, order_id))
    assert f'href="/courses/{course["course_id"]}">Order again</a>' in page.text


def test_money_that_was_given_back_is_not_checked_any_more(api: ApiHarness) -> None:
    order_id, session_id = _order(api, "cancelled")
    _paid_and_refunded(api, order_id, 289_900)
    assert _heading(_thanks(api, session_id)) == "The order is cancelled"


def test_the_thanks_page_does_not_tell_the_failure_of_an_earlier_checkout(api: ApiHarness) -> None:
    order_id, _ = _order(api)
    _payment(api, order_id, "failed")
    assert _heading(_thanks(api, _checkout(api, order_id, number=2))) == "Waiting for the payment"


@pytest.mark.parametrize("state", ["pending", "cancelled", "expired"])
def test_the_thanks_page_tells_of_money_that_does_not_fit(api: ApiHarness, state: OrderState) -> None:
    order_id, session_id = _order(api, state)
    _payment(api, order_id, "succeeded")
    page = _thanks(api, session_id)
    assert _heading(page) == "We are checking your payment"
    assert "Do not pay again" in page.text


def test_the_thanks_page_knows_the_end_of_an_order_before_its_state_does(api: ApiHarness) -> None:
    order_id, session_id = _order(api)
    api.set_order(order_id, expires_at=api.clock())
    assert _heading(_thanks(api, session_id)) == "The order has expired"


@pytest.mark.parametrize("state", ["pending", "paid"])
def test_the_thanks_page_refreshes_itself_for_about_a_minute(api: ApiHarness, state: OrderState) -> None:
    _, session_id = _order(api, state)
    seconds, page = 0, _thanks(api, session_id)
    for _ in range(20):
        refresh = REFRESH.search(page.text)
        if refresh is None:
            break
        seconds += int(refresh[1])
        page = api.visitor({"Accept-Language": "en"}).get(f"/thanks{unescape(refresh[2])}")
        assert page.status_code == 200
    assert 45 <= seconds <= 90
    assert f'href="?session_id={session_id}">Refresh this page</a>' in page.text


@pytest.mark.parametrize("session_id", ["", "cs_test_unknown", "\x00", "\u00e5", "a" * 10_000, "cs' or '1'='1"])
def test_the_thanks_page_of_an_unknown_session_is_not_found(api: ApiHarness, session_id: str) -> None:
    page = _thanks(api, session_id)
    assert (page.status_code, _heading(page)) == (404, "We cannot find this payment")


@pytest.mark.parametrize("seen", ["", "-1", "x", "\u0663", "9" * 5_000])
def test_the_thanks_page_ignores_a_wrong_count(api: ApiHarness, seen: str) -> None:
    _, session_id = _order(api)
    assert REFRESH.search(_thanks(api, session_id, seen=seen).text)


def test_the_thanks_page_escapes_titles(api: ApiHarness) -> None:
    order_id, session_id = _order(api, "fulfilled")
    title = '<script>alert("x")</script>&amp; $total {time_left}'
    with api.sessions.begin() as session:
        session.execute(update(OrderItem).where(OrderItem.order_id == UUID(order_id)).values(title=title))
    page = _thanks(api, session_id)
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp; $total {time_left}" in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "sv"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("en-GB,en;q=0.9,sv;q=0.8", "en"),
        ("de-DE,de;q=0.9,en;q=0.5", "en"),
        ("de", "sv"),
        ("en;q=0, sv;q=0", "sv"),
        ("en;q=high", "sv"),
    ],
)
def test_the_thanks_page_is_in_the_readers_language(api: ApiHarness, accepted: str, language: str) -> None:
    _, session_id = _order(api, "fulfilled")
    page = _thanks(api, session_id, accepted)
    assert f'<html lang="{language}">' in page.text
    assert (page.headers["content-language"], page.headers["vary"]) == (language, "Accept-Language")
    assert _heading(page) == {"sv": "Tack för ditt köp!", "en": "Thank you for your purchase!"}[language]
    assert {"sv": "2\u00a0899,00\u00a0kr", "en": "SEK\u00a02,899.00"}[language] in page.text


def test_the_thanks_page_allows_its_own_style_and_no_script(api: ApiHarness) -> None:
    _, session_id = _order(api)
    page = _thanks(api, session_id)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert " style=" not in page.text
    assert page.headers["cache-control"] == "no-store"


def test_the_cancelled_page_tells_that_nothing_was_paid(api: ApiHarness) -> None:
    order_id, _ = _order(api)
    page = _cancelled(api, order_id)
    assert (page.status_code, _heading(page)) == (200, "Nothing was paid")
    assert "another 60\u00a0min" in page.text
    assert 'href="/courses"' in page.text
    assert "Critique" not in page.text


def test_the_cancelled_page_tells_a_long_time_in_hours(api: ApiHarness) -> None:
    order_id, _ = _order(api)
    api.set_order(order_id, expires_at=api.clock() + timedelta(hours=22, minutes=30))
    assert "another 22\u00a0h" in _cancelled(api, order_id).text


def test_the_cancelled_page_leads_back_to_the_order_in_the_app(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, _ = _order(api)
    with_app = api.settings.model_copy(update={"app_url": "https://app.example/a&b"})
    monkeypatch.setitem(api.app.dependency_overrides, get_settings, lambda: with_app)
    page = _cancelled(api, order_id)
    assert f'href="https://app.example/a&amp;b/orders/{order_id}"' in page.text
    assert 'href="https://app.example/a&amp;b/courses"' in page.text


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("processing", "The payment is on its way"),
        ("paid", "Thank you! The payment is complete"),
        ("fulfilled", "Thank you for your purchase!"),
        ("expired", "The order has expired"),
        ("cancelled", "The order is cancelled"),
    ],
)
def test_the_cancelled_page_tells_what_happened_meanwhile(api: ApiHarness, state: OrderState, heading: str) -> None:
    order_id, _ = _order(api, state)
    page = _cancelled(api, order_id)
    assert (page.status_code, _heading(page)) == (200, heading)
    assert "Critique" not in page.text


@pytest.mark.parametrize("order_id", ["", "x", "\x00", "018f0000-0000-7000-8000-000000000000"])
def test_the_cancelled_page_of_an_unknown_order_is_not_found(api: ApiHarness, order_id: str) -> None:
    assert _cancelled(api, order_id).status_code == 404
