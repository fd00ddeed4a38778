"""The address of the app on the API's host leads to the process that serves the app."""

import pytest

from core.settings import Settings
from tests.support.api_harness import open_api

APP = "https://app.exempel.example/app"


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [("/app", APP), ("/app/", APP), ("/app/orders/1?next=%2F", f"{APP}/orders/1?next=%2F")],
)
def test_the_app_is_elsewhere(database_url: str, asked: str, led_to: str) -> None:
    with open_api(Settings(env="test", database_url=database_url, app_url=APP)) as api:
        answer = api.visitor().get(asked, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, led_to)


@pytest.mark.parametrize("app_url", [None, "http://127.0.0.1:8000/app"])
def test_an_app_that_is_not_elsewhere_is_not_found_and_nothing_loops(database_url: str, app_url: str | None) -> None:
    settings = Settings(env="test", database_url=database_url, app_url=app_url, public_url="http://127.0.0.1:8000")
    with open_api(settings) as api:
        answer = api.visitor().get("/app/login", follow_redirects=False)
    assert answer.status_code == 404
    assert "AULA_APP_URL" in answer.json()["detail"]
