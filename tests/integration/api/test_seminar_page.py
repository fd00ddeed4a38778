"""The page of a live seminar: what it says in both languages, what it loads, and what it says without its client."""

import json
import re
from html import unescape
from pathlib import Path
from typing import get_args
from uuid import uuid4

import pytest

from api import seminar_page
from api.seminar_page import SeminarAsset
from api.seminar_phrases import PAGE, SPOKEN
from core.seminars.entitled import Refusal
from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem

FOLDER = Path(seminar_page.__file__).parents[1] / "landing" / "seminar"
SCRIPTS = sorted(FOLDER.glob("*.js"))


@pytest.mark.parametrize(("prefix", "language"), [("", "sv"), ("/en", "en")])
def test_the_page_is_whole_and_runs_only_scripts_of_its_own(api: ApiHarness, prefix: str, language: str) -> None:
    path = f"/seminar/{uuid4()}"
    answer = api.visitor().get(prefix + path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert re.findall(r"\$\w+|style=|\son\w+=|<script>", answer.text) == []
    scripts = re.findall(r'<script [^>]*src="([^"]+)"', answer.text)
    assert len(scripts) == 2
    assert all(one.startswith("/seminar/assets/") for one in scripts)
    other = "" if prefix else "/en"
    assert f'href="{other}{path}"' in answer.text
    spoken = re.findall(r'data-spoken="([^"]+)"', answer.text)[0]
    assert json.loads(unescape(spoken)) == SPOKEN["en" if prefix else "sv"]


def test_the_page_may_reach_livekit_and_use_the_camera_and_nothing_else(api: ApiHarness) -> None:
    headers = api.visitor().get(f"/seminar/{uuid4()}").headers
    policy = dict(one.strip().split(" ", 1) for one in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"].split() == ["'self'", "ws://127.0.0.1:7880", "http://127.0.0.1:7880"]
    assert policy["frame-ancestors"] == "'none'"
    assert headers["permissions-policy"] == "camera=(self), microphone=(self), display-capture=(self)"
    assert (headers["cache-control"], headers["x-robots-tag"]) == ("no-store", "noindex")
    assert "set-cookie" not in headers


def test_the_page_says_that_live_video_is_not_installed(
    api: ApiHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tmp_path / "livekit-client.js"
    monkeypatch.setattr(seminar_page, "LIVE_CLIENT", client)
    address = "/seminar/assets/x/livekit-client.js"
    assert 'data-installed="no"' in api.visitor().get(f"/seminar/{uuid4()}").text
    assert_problem(api.visitor().get(address), 404, "not_found")
    client.write_text("client()")
    assert 'data-installed="yes"' in api.visitor().get(f"/seminar/{uuid4()}").text
    assert api.visitor().get(address).text == "client()"


def test_every_file_of_the_page_is_served_and_what_is_no_id_is_refused(api: ApiHarness) -> None:
    names = {path.name for path in FOLDER.iterdir()} - {"page.html"}
    assert names | {"livekit-client.js"} == set(get_args(SeminarAsset))
    for name in names:
        answer = api.visitor().get(f"/seminar/assets/{seminar_page.VERSION}/{name}")
        kind = "text/css" if name.endswith("css") else "text/javascript"
        assert (answer.status_code, answer.headers["content-type"]) == (200, f"{kind}; charset=utf-8")
    assert_problem(api.visitor().get("/seminar/assets/x/other.js"), 422, "input_invalid")
    assert_problem(api.visitor().get("/seminar/none"), 422, "input_invalid")


def test_every_phrase_is_in_both_languages_and_every_one_that_a_script_names_is_there() -> None:
    assert set(PAGE["sv"]) == set(PAGE["en"])
    assert set(SPOKEN["sv"]) == set(SPOKEN["en"])
    named = {name for path in SCRIPTS for name in re.findall(r"phrase\('(\w+)'", path.read_text(encoding="utf-8"))}
    assert named
    assert (named | set(get_args(Refusal))) - set(SPOKEN["sv"]) == set()
    fields = {
        language: {name: re.findall(r"{\w+}", text) for name, text in SPOKEN[language].items()} for language in SPOKEN
    }
    assert fields["sv"] == fields["en"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_short_and_sets_no_html(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text) == []
