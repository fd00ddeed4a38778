"""The page of a live seminar: a host and an attendee in two profiles of a browser, on a running system."""

import subprocess
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.orm import Session

from api.seminar_page import LIVE_CLIENT
from core.accounts.passwords import hash_password
from core.identity import Role
from db.engine import API_POOL, make_engine, make_sessions
from db.models import Profile, Seminar
from tests.e2e.test_run import read_until, run
from tests.support.accounts import PASSWORD
from tests.support.browser import CHROMIUM, Browser, Tab, browser
from tests.support.run_variables import run_variables

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
    pytest.mark.skipif(not LIVE_CLIENT.is_file(), reason="livekit-client is not installed (scripts/live_client.py)"),
]
# How many pixels of its width a picture has, once it is shown.
PICTURES = "[...document.querySelectorAll('#tiles video')].filter((one) => one.videoWidth > 2).length"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: str
    email: str
    http: httpx.Client


@dataclass(frozen=True, slots=True)
class System:
    """A running system, and its browser."""

    url: str
    variables: Mapping[str, str]
    browser: Browser
    stack: ExitStack
    inbox: str

    @contextmanager
    def database(self) -> Generator[Session]:
        """A transaction on the system's database."""
        engine = make_engine(self.variables["AULA_DATABASE_URL"], API_POOL)
        try:
            with make_sessions(engine).begin() as session:
                yield session
        finally:
            engine.dispose()

    def open_doors(self, seminar: str) -> None:
        """What the schedule does within a minute."""
        with self.database() as session:
            session.get_one(Seminar, UUID(seminar)).state = "open"

    def person(self, name: str, role: Role = "member") -> Person:
        """A new account, signed in."""
        email = f"{uuid4().hex}@aula.example"
        with self.database() as session:
            row = Profile(
                email=email,
                password_hash=hash_password(PASSWORD),
                display_name=name,
                role=role,
                email_proven_at=datetime.now(UTC),
            )
            session.add(row)
            session.flush()
            identity = str(row.id)
        http = self.stack.enter_context(httpx.Client(base_url=self.url, trust_env=False, timeout=30))
        token = http.post("/auth/login", json={"email": email, "password": PASSWORD}).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return Person(identity, email, http)

    def seminar(self, teacher: Person, guest: Person, **times: timedelta) -> str:
        """A seminar of the teacher at which the guest has a seat."""
        starts_at = datetime.now(UTC) + times.get("ahead", timedelta(minutes=5))
        draft = {
            "title": "Ljus & skugga <b>",
            "capacity": 10,
            "price_amount": 0,
            "currency": "SEK",
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        }
        answer = teacher.http.post("/seminars", json=draft)
        assert answer.status_code == 201, answer.text
        path = f"/seminars/{answer.json()['id']}"
        assert teacher.http.post(f"{path}/publish").status_code == 200
        assert teacher.http.post(f"{path}/guests", json={"email": guest.email}).status_code == 201
        assert guest.http.post(f"{path}/seat").is_success
        return answer.json()["id"]

    def arrive(self, person: Person, seminar: str, language: str = "/en", *, width: int = 1280) -> Tab:
        """The page of the seminar, as the person, signed in."""
        tab = self.browser.open(f"{self.url}{language}/seminar/{seminar}", width=width)
        tab.wait("document.querySelector('#sign-in')?.checkVisibility()")
        tab.fill("#email", person.email)
        tab.fill("#password", PASSWORD)
        tab.click("#sign-in button")
        return tab


def run_with(patch: pytest.MonkeyPatch) -> AbstractContextManager[subprocess.Popen[str]]:
    """A run in which all people share one network, and sign in often."""
    patch.setenv("AULA_RATE_LIMIT_ATTEMPTS", "1000")
    return run()


@contextmanager
def system(folder: Path) -> Generator[System]:
    with pytest.MonkeyPatch.context() as patch, run_with(patch) as process, ExitStack() as stack:
        printed = {
            words[0]: words[1] for words in map(str.split, read_until(process, "Serving until")) if len(words) > 1
        }
        stack.callback(process.terminate)
        variables = run_variables(process.pid)
        found = stack.enter_context(browser(folder))
        yield System(variables["AULA_PUBLIC_URL"], variables, found, stack, printed["Inbox"])


@pytest.fixture(scope="module")
def aula(tmp_path_factory: pytest.TempPathFactory) -> Generator[System]:
    with system(tmp_path_factory.mktemp("browser")) as running:
        yield running


def said(tab: Tab, text: str) -> None:
    """Wait until the page says it."""
    tab.wait(f"document.querySelector('main').innerText.includes({text!r})")


def action(host: Tab, person: Person, name: str) -> None:
    """Open the person's actions, and take one."""
    entry = f"li[data-identity='{person.id}']"
    host.click(f"{entry} summary")
    host.click(f"{entry} [data-action={name}]")


def test_host_and_attendee_meet_speak_write_and_part(aula: System) -> None:
    teacher, guest = aula.person("Vera Värd", "teacher"), aula.person("Gustav <i>Gäst</i>")
    seminar = aula.seminar(teacher, guest)
    aula.open_doors(seminar)
    host = aula.arrive(teacher, seminar)
    said(host, "You lead the seminar.")
    host.click("#try")
    host.wait("document.querySelector('#cameras').value && document.querySelector('#preview').videoWidth > 2")
    host.wait("document.querySelector('#level').value > 0")
    host.click("#join")
    host.wait(f"{PICTURES} === 1")

    # Without camera or microphone.
    attendee = aula.arrive(guest, seminar, width=390)
    said(attendee, "Camera and microphone are used only if the host lets you speak.")
    attendee.click("#join")
    attendee.wait(f"{PICTURES} === 1")
    attendee.wait("document.querySelector('#sounds audio')?.srcObject?.getAudioTracks().length === 1")
    assert not attendee.run("document.querySelector('#mic').checkVisibility()")
    assert attendee.run("document.documentElement.scrollWidth <= innerWidth")
    said(host, "Gustav <i>Gäst</i>")

    attendee.fill("#text", "Hej <img src=x onerror=alert(1)>")
    attendee.click("#say button")
    said(host, "Hej <img src=x onerror=alert(1)>")
    assert host.run("document.querySelectorAll('#messages img, #people i').length") == 0
    attendee.click("#hand")
    said(host, "Hand raised")
    attendee.wait("document.querySelector('#hand').textContent === 'Lower hand'")

    action(host, guest, "make_speaker")
    said(attendee, "You may now be seen and heard.")
    attendee.click("#mic")
    attendee.click("#cam")
    host.wait(f"{PICTURES} === 2")
    host.wait("document.querySelector('#sounds audio')?.srcObject?.getAudioTracks().length === 1")
    action(host, guest, "mute")
    attendee.wait("document.querySelector('#mic').textContent === 'Turn the microphone on'")
    action(host, guest, "make_attendee")
    said(attendee, "You now see and hear, and are not seen.")
    host.wait(f"{PICTURES} === 1")

    action(host, guest, "remove")
    assert host.wait("document.querySelector('#sure').open")
    host.click("#sure [value=yes]")
    said(attendee, "The host has removed you from the seminar.")
    host.wait("document.querySelectorAll('#people li').length === 1")
    host.click("#leave")
    said(host, "You have left the seminar.")
    assert [aula.browser.errors(tab.session) for tab in (host, attendee)] == [[], []]


def test_who_may_not_enter_is_told_why(aula: System) -> None:
    teacher, guest, stranger = aula.person("Vera", "teacher"), aula.person("Gustav"), aula.person("Stina")
    seminar = aula.seminar(teacher, guest, ahead=timedelta(minutes=50))
    early = aula.arrive(guest, seminar)
    said(early, "The doors are not open yet.")
    said(early, "Opens in 3")
    said(aula.arrive(stranger, seminar, ""), "Du har ingen plats på det här seminariet.")
    assert teacher.http.post(f"/seminars/{seminar}/cancel", json={"reason": "Ill"}).status_code == 202
    early.click("#again")
    said(early, "The seminar is cancelled.")
    said(aula.arrive(guest, str(uuid4())), "This seminar does not exist")
