"""Forged and foreign access tokens, over HTTP."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from tests.integration.accounts.people import Account
from tests.integration.answers import problem

_OTHER_KEY = "another-secret-of-at-least-32-bytes"


def _claims(account: Account, **changes: object) -> dict[str, Any]:
    body: str = account.tokens["access_token"].split(".")[1]
    own: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return {name: value for name, value in {**own, **changes}.items() if value is not None}


def _signed(claims: dict[str, Any], key: str, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm)  # pyright: ignore[reportUnknownMemberType] - pyjwt names an absent package


def _refused(account: Account, token: str) -> None:
    answer = account.http.get("/me", headers={"Authorization": f"Bearer {token}"})
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_claims_are_those_supabase_reads(account: Account) -> None:
    claims = _claims(account)
    assert claims["sub"] == str(account.id)
    assert (claims["role"], claims["aud"]) == ("authenticated", "authenticated")
    assert claims["app_metadata"] == {"role": "member"}
    assert claims["iss"] == account.shop.settings.public_url
    assert claims["exp"] - claims["iat"] == 900
    assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 60


def test_a_token_without_a_signature(account: Account) -> None:
    _refused(account, _signed(_claims(account), "", "none"))


def test_a_token_whose_signature_was_cut_off(account: Account) -> None:
    _refused(account, account.tokens["access_token"].rsplit(".", 1)[0] + ".")


def test_a_token_signed_with_another_key(account: Account) -> None:
    _refused(account, _signed(_claims(account), _OTHER_KEY))


def test_a_token_signed_by_another_algorithm(account: Account) -> None:
    key = account.shop.settings.jwt_secret.get_secret_value()
    # HS512 would like a longer key; ours is the one that a verifier without a pinned algorithm would take.
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = _signed(_claims(account), key, "HS512")
    _refused(account, token)


def test_a_token_whose_role_was_edited(account: Account) -> None:
    head, _, signature = account.tokens["access_token"].split(".")
    body = json.dumps(_claims(account, app_metadata={"role": "admin"})).encode()
    _refused(account, ".".join([head, base64.urlsafe_b64encode(body).decode().rstrip("="), signature]))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "anon"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"sub": "not-an-id"},
        {"sub": None},
        {"role": "service_role"},
        {"role": None},
        {"app_metadata": {"role": "owner"}},
        {"app_metadata": None},
        {"exp": None},
        {"exp": 1},
        {"exp": "never"},
        {"iat": None},
    ],
)
def test_a_token_that_is_signed_and_not_ours(account: Account, changes: dict[str, object]) -> None:
    key = account.shop.settings.jwt_secret.get_secret_value()
    _refused(account, _signed(_claims(account, **changes), key))


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer å", "Basic dTpw", "token"])
def test_a_header_that_is_no_token(account: Account, header: str) -> None:
    answer = account.http.get("/me", headers={b"Authorization": header.encode("latin-1")})
    problem(answer, 401, "unauthorized")


def test_a_bad_token_is_refused_where_none_is_needed(account: Account) -> None:
    answer = account.http.get("/courses", headers={"Authorization": "Bearer forged"})
    problem(answer, 401, "unauthorized")
