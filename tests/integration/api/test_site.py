"""The public site: its pages in both languages, without script, cookie or anything from elsewhere."""

import re
from typing import Final

import pytest

from api.site_phrases import TITLES
from core.privacy.retention import retentions
from core.retention import Retention
from core.settings import Settings
from tests.support.api_harness import ApiHarness, open_api
from tests.support.problems import assert_problem

PAGES: Final = ("", "/privacy", "/terms", "/gdpr")
ADDRESSES: Final = [prefix + page or "/" for prefix in ("", "/en") for page in PAGES]
MAX_BYTES: Final = 150_000


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_whole_and_loads_nothing_from_elsewhere(api: ApiHarness, address: str) -> None:
    visitor = api.visitor()
    answer = visitor.get(address)
    assert answer.status_code == 200, answer.text
    language = "en" if address.startswith("/en") else "sv"
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert "set-cookie" not in answer.headers
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"<script|<iframe|style=|\$\w+", answer.text) == []
    loaded = re.findall(r'(?:src|href)="([^"#]+)"[^>]*>', "".join(re.findall(r"<(?:link|img)[^>]+>", answer.text)))
    assets = [one for one in loaded if one.startswith("/assets/")]
    assert len(assets) >= 2
    total = len(answer.content) + sum(len(visitor.get(one).content) for one in set(assets))
    assert total < MAX_BYTES


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_link_of_a_page_leads_somewhere(api: ApiHarness, address: str) -> None:
    visitor = api.visitor()
    page = visitor.get(address).text
    links = {one.partition("?")[0] for one in re.findall(r'href="(/[^"#]*)', page)}
    own = sorted(one for one in links if not one.startswith("/app"))
    assert own
    assert [one for one in own if visitor.get(one).status_code != 200] == []
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert [one for one in anchors if f'id="{one}"' not in page] == []


def test_the_first_page_shows_courses_on_sale_and_no_drafts(api: ApiHarness) -> None:
    title = '<b>"Oils" & water</b>'
    teacher = api.user("teacher")
    draft = {"title": title, "summary": "Colour & <light>", "price_amount": 59_500, "currency": "SEK"}
    course = teacher.http.post("/courses", json=draft).json()
    assert "&quot;Oils&quot;" not in api.visitor().get("/").text
    assert teacher.http.post(f"/courses/{course['id']}/publish").status_code == 200
    page = api.visitor().get("/").text
    assert "&lt;b&gt;&quot;Oils&quot; &amp; water&lt;/b&gt;" in page
    assert "595,00\u00a0kr" in page
    assert f'href="/app/courses/{course["id"]}"' in page
    assert "SEK\u00a0595.00" in api.visitor().get("/en").text


def test_an_unknown_asset_is_refused(api: ApiHarness) -> None:
    assert_problem(api.visitor().get("/assets/other.css"), 422, "input_invalid")
    assert api.visitor().get("/assets/site.css").headers["content-type"] == "text/css; charset=utf-8"


def test_the_privacy_page_says_the_times_that_pruning_uses(database_url: str) -> None:
    settings = Settings(
        env="test",
        database_url=database_url,
        refresh_token_days=17,
        job_retention_days=9,
        event_retention_days=444,
    )
    with open_api(settings) as api:
        pages = {"sv": api.visitor().get("/privacy").text, "en": api.visitor().get("/en/privacy").text}
    times = (17, 9, 444, settings.gift_retention_days, settings.idempotency_retention_days)
    for language, word in (("sv", "dagar"), ("en", "days")):
        assert [time for time in times if f"{time} {word}" not in pages[language]] == []


def test_the_two_languages_say_the_same_about_retention() -> None:
    numbers = {
        language: [re.findall(r"\d+", one.kept) for one in retentions(language, Retention())]
        for language in ("sv", "en")
    }
    assert numbers["sv"] == numbers["en"]
    assert set(TITLES["sv"]) == set(TITLES["en"])


def test_the_pages_name_the_controller_and_the_app(database_url: str) -> None:
    settings = Settings(
        env="test",
        database_url=database_url,
        controller="Exempel AB, Gatan 1, 111 11 Stockholm",
        controller_email="post@exempel.example",
        app_url="https://app.exempel.example",
        app_store_url="https://apps.apple.com/app/id0",
    )
    with open_api(settings) as api:
        home, terms = api.visitor().get("/").text, api.visitor().get("/terms").text
    assert 'href="https://app.exempel.example/login"' in home
    assert 'href="https://apps.apple.com/app/id0"' in home
    assert "Google Play" not in home
    assert "Exempel AB\nGatan 1\n111 11 Stockholm" in terms
    assert "post@exempel.example" in terms
