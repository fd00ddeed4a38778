"""HEAD, OPTIONS and Allow."""

from threading import Thread

import pytest

from core.jobs.enqueue import NewJob, enqueue
from core.messages import ExportData
from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem


@pytest.mark.parametrize("path", ["/courses", "/healthz", "/", "/docs", "/problems/forbidden"])
def test_head_answers_the_headers_of_get(api: ApiHarness, path: str) -> None:
    got, head = api.visitor().get(path), api.visitor().head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["content-length"] == got.headers["content-length"] or path == "/"


def test_head_of_what_is_refused_is_refused(api: ApiHarness) -> None:
    assert api.visitor().head("/me").status_code == 401
    assert api.visitor().head("/nothing").status_code == 404


def test_head_of_a_stream_ends(api: ApiHarness) -> None:
    user = api.user()
    with api.sessions.begin() as session:
        (job_id,) = enqueue(session, NewJob(message=ExportData(export_id=user.id), profile_id=user.id))
    answers: list[int] = []
    waiting = Thread(target=lambda: answers.append(user.http.head(f"/jobs/{job_id}/events").status_code), daemon=True)
    waiting.start()
    waiting.join(10)
    assert answers == [200]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/courses", "GET, HEAD, OPTIONS, POST"),
        ("/orders", "OPTIONS, POST"),
        ("/me", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_and_a_refused_method_name_what_is_allowed(api: ApiHarness, path: str, allowed: str) -> None:
    options, refused = api.visitor().options(path), api.visitor().put(path)
    assert (options.status_code, options.headers["allow"], options.content) == (204, allowed, b"")
    assert_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == allowed


def test_the_webhook_endpoint_names_what_is_allowed(api: ApiHarness) -> None:
    refused = api.visitor().get("/webhooks/stripe")
    assert_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"


def test_options_of_no_path_is_not_found(api: ApiHarness) -> None:
    assert_problem(api.visitor().options("/nothing"), 404, "no_such_endpoint")
