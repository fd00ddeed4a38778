"""The pages that links in emails lead to: opening one changes nothing, its form does."""

import re
from html import unescape
from uuid import uuid4

import httpx
import pytest

from api.link_phrases import PHRASES, REFUSALS
from core.mail.render import render
from db.models import MailMessage, Profile
from tests.support.accounts import PASSWORD, link_token
from tests.support.addresses import ADDRESSES
from tests.support.api_harness import ApiHarness

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def email(api: ApiHarness) -> str:
    """The address of a new account that is not proven."""
    address = f"{uuid4().hex}@aula.example"
    body = {"email": address, "password": PASSWORD, "display_name": "<b>New</b>"}
    assert api.visitor().post("/auth/register", json=body).status_code == 202
    return address


def log_in(api: ApiHarness, email: str, password: str = PASSWORD) -> int:
    return api.visitor().post("/auth/login", json={"email": email, "password": password}).status_code


def send(api: ApiHarness, page: str, **fields: str) -> httpx.Response:
    return api.visitor(ENGLISH).post(f"/{page}", data=fields)


def test_a_link_is_opened_without_effect_and_its_form_proves_the_address(api: ApiHarness, email: str) -> None:
    token = link_token(api, email, "prove_email")
    opened = api.visitor(ENGLISH).get("/verify", params={"token": token})
    assert (opened.status_code, log_in(api, email)) == (200, 403)
    assert f'name="token" value="{token}"' in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert "form-action 'self'" in opened.headers["content-security-policy"]
    done = send(api, "verify", token=token, password=PASSWORD)
    assert PHRASES["en"]["verify"].done_text in done.text
    assert (done.status_code, log_in(api, email)) == (200, 200)


def test_a_form_sets_a_new_password(api: ApiHarness, email: str) -> None:
    api.visitor().post("/auth/password/forgot", json={"email": email})
    token = link_token(api, email, "reset_password")
    weak = send(api, "reset-password", token=token, password="Welcome2024")
    assert (weak.status_code, REFUSALS["en"]["password_weak"] in weak.text) == (422, True)
    assert token in weak.text
    assert send(api, "reset-password", token=token, password="another one entirely").status_code == 200
    assert log_in(api, email, "another one entirely") == 200


@pytest.mark.parametrize("page", ["verify", "reset-password", "confirm-email"])
def test_a_wrong_token_is_answered_by_a_page(api: ApiHarness, page: str) -> None:
    fields = {} if page == "confirm-email" else {"password": PASSWORD}
    answer = send(api, page, token='"><script>', **fields)
    assert answer.status_code == 403
    assert REFUSALS["en"]["token_refused"] in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("body", [b"", b"token=%ff%fe", b"\xff\x00", b"token=" + b"x" * 5000, b"token=a&password="])
def test_what_is_no_form_is_answered_by_a_page(api: ApiHarness, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api.visitor().post("/verify", content=body, headers=headers)
    assert answer.status_code in {403, 422}
    assert "<h1>Bekräfta din e-postadress</h1>" in answer.text


def test_the_email_leads_to_the_page_and_has_no_word_of_the_stranger(api: ApiHarness, email: str) -> None:
    with api.sessions.begin() as session:
        reader = session.query(Profile).filter_by(email=email).one()
        mail = session.query(MailMessage).filter_by(profile_id=reader.id, template="prove_email").one()
        rendered = render(session, mail, reader, ADDRESSES)
    assert "New" not in rendered.text + rendered.html
    (link,) = re.findall(r'href="(https://aula\.example/verify\?token=[^"]+)"', rendered.html)
    assert unescape(link) in rendered.text
