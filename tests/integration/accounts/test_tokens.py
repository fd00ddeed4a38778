"""Forged, altered and foreign access tokens over HTTP."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from tests.support.accounts import Account
from tests.support.problems import assert_problem

_OTHER_KEY = "another-secret-of-at-least-32-bytes"


def _claims(account: Account, **changes: object) -> dict[str, Any]:
    body: str = account.tokens["access_token"].split(".")[1]
    own: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return {name: value for name, value in {**own, **changes}.items() if value is not None}


def _signed(claims: dict[str, Any], key: str, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm)  # pyright: ignore[reportUnknownMemberType] - pyjwt names an absent package


def _refused(account: Account, token: str) -> None:
    answer = account.http.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert_problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_claims_are_those_that_supabase_reads(account: Account) -> None:
    claims = _claims(account)
    assert claims["sub"] == str(account.id)
    assert (claims["role"], claims["aud"]) == ("authenticated", "authenticated")
    assert claims["app_metadata"] == {"role": "member"}
    assert claims["iss"] == account.api.settings.public_url
    assert claims["exp"] - claims["iat"] == 900
    assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 60


def test_a_token_without_a_signature_is_refused(account: Account) -> None:
    _refused(account, _signed(_claims(account), "", "none"))


def test_a_token_with_its_signature_removed_is_refused(account: Account) -> None:
    _refused(account, account.tokens["access_token"].rsplit(".", 1)[0] + ".")


def test_a_token_signed_with_another_key_is_refused(account: Account) -> None:
    _refused(account, _signed(_claims(account), _OTHER_KEY))


def test_a_token_signed_with_another_algorithm_is_refused(account: Account) -> None:
    key = account.api.settings.jwt_secret.get_secret_value()
    # The key is shorter than HS512 requires, but a verifier without a pinned algorithm would accept it.
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = _signed(_claims(account), key, "HS512")
    _refused(account, token)


def test_a_token_with_an_edited_role_is_refused(account: Account) -> None:
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
def test_a_signed_token_with_wrong_claims_is_refused(account: Account, changes: dict[str, object]) -> None:
    key = account.api.settings.jwt_secret.get_secret_value()
    _refused(account, _signed(_claims(account, **changes), key))


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer å", "Basic dTpw", "token"])
def test_an_authorization_header_without_a_token_is_refused(account: Account, header: str) -> None:
    answer = account.http.get("/me", headers={b"Authorization": header.encode("latin-1")})
    assert_problem(answer, 401, "unauthorized")


def test_an_invalid_token_is_refused_on_public_endpoints_too(account: Account) -> None:
    answer = account.http.get("/courses", headers={"Authorization": "Bearer forged"})
    assert_problem(answer, 401, "unauthorized")
