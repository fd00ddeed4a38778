"""The app in a browser, on a running system: a buyer with a phone, and a teacher at a desktop."""

import os
import re
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.test_seminar_page import Person, System, system
from tests.support.accounts import PASSWORD
from tests.support.app import AppTab, open_app
from tests.support.browser import CHROMIUM, Tab
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
    # Minutes, and waits that a busy machine exceeds.
    pytest.mark.skipif(not os.environ.get("AULA_CLIENT_TESTS"), reason="`make client.test` runs it"),
]
OWN_PASSWORD = "violett parasoll vid havet"
CARD = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Kim"}
VERIFY_LINK = re.compile(r"/verify\?token=([\w=-]+)")


@pytest.fixture(scope="module")
def aula(tmp_path_factory: pytest.TempPathFactory) -> Generator[System]:
    with system(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def teacher(aula: System) -> Person:
    return aula.person("Tove Teckning", "teacher")


@pytest.fixture(scope="module")
def phone(aula: System) -> AppTab:
    return open_app(aula.browser, f"{aula.variables['AULA_APP_URL']}/login", width=390)


@pytest.fixture(scope="module")
def desktop(aula: System) -> AppTab:
    return open_app(aula.browser, f"{aula.variables['AULA_APP_URL']}/login", width=1280)


def log_in(app: AppTab, email: str, password: str = PASSWORD) -> None:
    """Sign in on whatever page is open."""
    app.go("/login")
    app.hears("Välkommen tillbaka")
    app.write("E-postadress", email)
    app.write("Lösenord", password)
    app.enter()
    app.hears("Hej ")


def log_out(app: AppTab) -> None:
    app.go("/profile")
    app.press("Logga ut")
    app.hears("Du är utloggad.")


def arrives(app: AppTab, person: Person) -> None:
    """Sign in as a person, whoever is signed in."""
    app.hears("Uppdatera")
    if "Logga in" not in app.said():
        log_out(app)
    log_in(app, person.email)


def course(teacher: Person, title: str) -> str:
    """A new course on sale."""
    draft = {"title": title, "summary": "Kort.", "price_amount": 25000, "currency": "SEK"}
    made = teacher.http.post("/courses", json=draft).json()["id"]
    for lesson in ("Linjer", "Ljus"):
        path = f"/courses/{made}/lessons"
        assert teacher.http.post(path, json={"title": lesson, "body": f"Om {lesson}."}).status_code == 201
    assert teacher.http.post(f"/courses/{made}/publish").is_success
    return made


def seminar(teacher: Person, title: str, capacity: int, price: int = 0) -> str:
    """A new seminar that was announced."""
    starts_at = datetime.now(UTC) + timedelta(minutes=10)
    times = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
    draft = {"title": title, "capacity": capacity, "price_amount": price, "currency": "SEK", **times}
    made = teacher.http.post("/seminars", json=draft).json()["id"]
    assert teacher.http.post(f"/seminars/{made}/publish").is_success
    return made


def orders_of(person: httpx.Client) -> list[dict[str, Any]]:
    return person.get("/me/orders").json()["items"]


def pay(buyer: httpx.Client, order: str) -> None:
    """Pay on the page that the app has opened: asking again answers the same checkout."""
    wanted = {"order_id": order, "ui_mode": "hosted_page"}
    page = buyer.post("/payments/stripe/create-session", json=wanted).json()["url"]
    assert httpx.post(page, data=CARD, trust_env=False).is_redirect


def opened(aula: System, path: str) -> str:
    """The window that the app has opened on a page, as soon as it is there."""

    def found() -> str | None:
        windows = aula.browser.call("Target.getTargets")["targetInfos"]
        return next((one["targetId"] for one in windows if path in one["url"]), None)

    window = wait_until(found, f"a window on {path}")
    assert window is not None
    return window


def leaves_checkout(aula: System, app: AppTab) -> None:
    """Close the payment page that the app has opened, and look at the app again."""
    aula.browser.call("Target.closeTarget", targetId=opened(aula, "/pay/"))
    app.come_back()


def test_a_buyer_registers_buys_a_course_once_and_learns(aula: System, teacher: Person, phone: AppTab) -> None:
    made, email = course(teacher, "Teckna träd"), f"{uuid4().hex}@aula.example"
    phone.go("/register")
    phone.write("Namn", "Kim Köpare")
    phone.write("E-postadress", email)
    phone.write("Lösenord", OWN_PASSWORD)
    phone.press("Skapa konto")
    phone.hears("Titta i din e-post")
    phone.press("Logga in")
    phone.write("E-postadress", email)
    phone.write("Lösenord", "fel lösenord")
    phone.enter()
    phone.hears("E-postadressen eller lösenordet är fel.")
    phone.write("Lösenord", OWN_PASSWORD)
    phone.enter()
    phone.hears("Adressen är inte bekräftad än.")
    phone.press("Skicka länken igen")
    phone.hears("Ett nytt mejl är på väg.")

    token = wait_until(lambda: proof(aula, email), "the email with the link")
    assert httpx.post(f"{aula.url}/auth/verify", json={"token": token, "password": OWN_PASSWORD}, trust_env=False)
    phone.write("Lösenord", OWN_PASSWORD)
    phone.enter()
    phone.hears("Hej Kim Köpare")

    phone.go(f"/courses/{made}")
    phone.press_twice("Köp för 250 kr")
    leaves_checkout(aula, phone)
    phone.hears("Väntar på betalning")
    with httpx.Client(base_url=aula.url, trust_env=False, timeout=30) as buyer:
        tokens = buyer.post("/auth/login", json={"email": email, "password": OWN_PASSWORD}).json()
        buyer.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        (order,) = orders_of(buyer)
        pay(buyer, order["id"])
        phone.hears("Klart, det är ditt")
    phone.press("Öppna")
    phone.hears("0 av 2 lektioner klara")
    phone.press("Fortsätt lära")
    phone.hears("Om Linjer.")
    phone.press("Markera som klar")
    phone.press("Ta bort markeringen")
    phone.go("/my-courses")
    phone.hears("0 av 2 lektioner klara")
    assert phone.hosts() == {httpx.URL(aula.variables["AULA_APP_URL"]).netloc.decode()}
    log_out(phone)


def proof(aula: System, email: str) -> str | None:
    emails = httpx.get(f"{aula.inbox}/messages.json", params={"to": email}, trust_env=False).json()["messages"]
    return next((found[1] for one in emails if (found := VERIFY_LINK.search(one["text"]))), None)


def test_what_another_window_has_begun_to_buy_is_paid_once_and_given_back(
    aula: System, teacher: Person, phone: AppTab
) -> None:
    buyer, made = aula.person("Olle"), course(teacher, "Måla moln")
    begun = buyer.http.post("/orders", json={"items": [{"course_id": made}]}).json()["id"]
    arrives(phone, buyer)
    phone.go(f"/courses/{made}")
    phone.press("Köp för 250 kr")
    phone.hears("Du har redan ett köp på gång.")
    phone.at(f"/app/orders/{begun}")
    pay(buyer.http, begun)
    phone.hears("Klart, det är ditt")
    assert [one["id"] for one in orders_of(buyer.http)] == [begun]

    phone.press("Ångra köpet")
    phone.hears("Ångra köpet av Måla moln?")
    phone.press("Ångra köpet")
    phone.hears("Pengarna syns på ditt konto")
    phone.go("/my-courses")
    phone.hears("Du har inga kurser än")


def test_a_seminar_that_fills_at_the_last_moment_offers_its_waitlist(
    aula: System, teacher: Person, phone: AppTab
) -> None:
    buyer, faster, made = aula.person("Sen"), aula.person("Snabb"), seminar(teacher, "Sista platsen", 1)
    arrives(phone, buyer)
    phone.go(f"/seminars/{made}")
    phone.hears("1 platser kvar")
    assert faster.http.post("/orders", json={"items": [{"seminar_id": made}]}).is_success
    phone.press("Ta en plats")
    phone.hears("Den sista platsen togs just.")
    phone.press("Ställ dig på väntelistan")
    phone.hears("Du står på väntelistan")
    assert orders_of(buyer.http) == []


def test_a_guest_joins_the_room_without_signing_in_again(aula: System, teacher: Person, phone: AppTab) -> None:
    buyer, made = aula.person("Gäst"), seminar(teacher, "Ljus och skugga", 5)
    aula.open_doors(made)
    arrives(phone, buyer)
    phone.go(f"/seminars/{made}")
    phone.press("Ta en plats")
    phone.hears("Klart, det är ditt")
    phone.press("Öppna")
    phone.press("Gå in i rummet")
    window = opened(aula, f"/seminar/{made}")
    session = aula.browser.call("Target.attachToTarget", targetId=window, flatten=True)["sessionId"]
    room = Tab(aula.browser, session)
    room.wait("document.querySelector('#check')?.checkVisibility()")
    assert not room.run("location.hash")
    aula.browser.call("Target.closeTarget", targetId=window)
    phone.come_back()


def test_a_session_that_has_ended_is_told_and_leads_back(aula: System, teacher: Person, phone: AppTab) -> None:
    buyer, made = aula.person("Ute"), course(teacher, "Skissa snabbt")
    arrives(phone, buyer)
    phone.go(f"/courses/{made}")
    phone.hears("Köp för 250 kr")
    assert buyer.http.delete("/me/sessions").is_success
    phone.press("Köp för 250 kr")
    phone.hears("Du har loggats ut. Logga in igen")
    phone.write("E-postadress", buyer.email)
    phone.write("Lösenord", PASSWORD)
    phone.enter()
    phone.at(f"/app/courses/{made}")
    phone.hears("Köp för 250 kr")
    assert orders_of(relogged(aula, buyer)) == []


def relogged(aula: System, person: Person) -> httpx.Client:
    answer = person.http.post("/auth/login", json={"email": person.email, "password": PASSWORD})
    person.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    assert aula.url
    return person.http


def test_a_teacher_posts_and_publishes_a_service_that_is_booked(
    aula: System, teacher: Person, desktop: AppTab, phone: AppTab
) -> None:
    arrives(desktop, teacher)
    desktop.go("/wall")
    desktop.write("Skriv ett inlägg", "Ta med akvarellpapper i morgon.")
    desktop.press("Publicera")
    desktop.hears("Inlägget är publicerat.")
    desktop.go("/teach/new-service")
    desktop.write("Titel", "Genomgång av skisser")
    desktop.write("Pris i kronor", "400")
    desktop.press("Skapa")
    desktop.hears("Utkastet är skapat.")
    desktop.press("Publicera")
    desktop.hears("Publicerat.")

    buyer = aula.person("Berit Bokar")
    arrives(phone, buyer)
    phone.go("/wall")
    phone.hears("Ta med akvarellpapper i morgon.")
    phone.go("/services")
    phone.press("60 min\nGenomgång av skisser")
    phone.press("Boka · 400 kr")
    leaves_checkout(aula, phone)
    phone.hears("Väntar på betalning")
    pay(buyer.http, orders_of(buyer.http)[0]["id"])
    phone.hears("Klart, det är ditt")
    assert [errors_of(aula, one) for one in (phone, desktop)] == [[], []]


def errors_of(aula: System, app: AppTab) -> list[str]:
    """The errors of a window, but for what the engine was kept from loading."""
    found = aula.browser.errors(app.tab.session)
    return [one for one in found if "violates the following Content Security Policy" not in one]
