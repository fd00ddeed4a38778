"""Accounts that were registered over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select

from core.links import token_of
from db.models import OneTimeToken, Profile, TokenPurpose
from tests.support.api_harness import ApiHarness

PASSWORD = "correct horse battery"


@dataclass(slots=True)
class Account:
    """A registered account, its client and its tokens."""

    api: ApiHarness
    id: UUID
    email: str
    http: httpx.Client
    tokens: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def log_in(self, password: str = PASSWORD) -> httpx.Response:
        return self.http.post("/auth/login", json={"email": self.email, "password": password})

    def refresh(self, token: str | None = None) -> httpx.Response:
        token = token or self.tokens["refresh_token"]
        return self.http.post("/auth/refresh", json={"refresh_token": token})

    def me(self) -> httpx.Response:
        return self.http.get("/me", headers=self.headers)


def link_token(api: ApiHarness, email: str, purpose: TokenPurpose) -> str:
    """The token of the last link that was mailed to an address."""
    wanted = (OneTimeToken.email == email) & (OneTimeToken.purpose == purpose)
    with api.sessions.begin() as session:
        found = session.scalars(select(OneTimeToken.id).where(wanted).order_by(OneTimeToken.id.desc()).limit(1)).one()
    return token_of(api.settings.jwt_secret.get_secret_value(), found)


def register_account(api: ApiHarness) -> Account:
    """Register and sign in a new account."""
    email = f"{uuid4().hex}@aula.example"
    http = api.visitor()
    body = {"email": email, "password": PASSWORD, "display_name": "Test User"}
    assert http.post("/auth/register", json=body).status_code == 202
    proven = http.post("/auth/verify", json={"token": link_token(api, email, "prove_email"), "password": PASSWORD})
    assert proven.status_code == 204, proven.text
    answer = http.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    with api.sessions.begin() as session:
        profile_id = session.scalars(select(Profile.id).where(Profile.email == email)).one()
    return Account(api, profile_id, email, http, answer.json())
