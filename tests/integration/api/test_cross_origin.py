"""Calls from pages of another origin."""

from collections.abc import Iterator

import pytest

from core.settings import Settings
from tests.support.api_harness import ApiHarness, open_api

APP = "https://app.aula.example"


@pytest.fixture(scope="module")
def opened(database_url: str) -> Iterator[ApiHarness]:
    with open_api(
        Settings(env="test", database_url=database_url, allowed_origins=f"{APP}, http://localhost:3000")
    ) as api:
        yield api


def test_an_allowed_origin_may_ask_and_read(opened: ApiHarness) -> None:
    asked = {
        "Origin": APP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    before = opened.visitor().options("/orders", headers=asked)
    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == APP
    answer = opened.visitor().get("/courses", headers={"Origin": APP})
    assert answer.headers["access-control-allow-origin"] == APP
    assert "Location" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_a_refusal_can_be_read_too(opened: ApiHarness) -> None:
    answer = opened.visitor().get("/me", headers={"Origin": APP})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, APP)


def test_another_origin_is_not_allowed(opened: ApiHarness) -> None:
    foreign = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    assert opened.visitor().options("/orders", headers=foreign).status_code == 400
    assert "access-control-allow-origin" not in opened.visitor().get("/courses", headers=foreign).headers


def test_no_origin_is_allowed_where_none_is_named(api: ApiHarness) -> None:
    assert "access-control-allow-origin" not in api.visitor().get("/courses", headers={"Origin": APP}).headers


@pytest.mark.parametrize("origins", ["*", "app.aula.example", "https://app.aula.example/", "https://a.example,ftp://b"])
def test_what_is_no_origin_is_refused_at_the_start(origins: str) -> None:
    with pytest.raises(ValueError, match="AULA_ALLOWED_ORIGINS"):
        Settings(env="test", allowed_origins=origins)
