"""What every endpoint shares: refusals, body limits, security headers, unexpected errors and the request log."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem
from tests.support.waiting import wait_until

_JSON = {"Content-Type": "application/json"}
_SECRET = "hunter2-hunter2"
_boom = APIRouter()


@_boom.get("/boom")
def boom() -> None:
    raise RuntimeError(f"password={_SECRET}")


@pytest.fixture
def visitor(api: ApiHarness) -> httpx.Client:
    return api.visitor()


def test_an_unknown_path_is_a_problem(visitor: httpx.Client) -> None:
    assert_problem(visitor.get("/nothing"), 404, "no_such_endpoint")


def test_a_wrong_method_is_a_problem_that_names_the_allowed_ones(visitor: httpx.Client) -> None:
    answer = visitor.put("/courses")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize("body", [b"{", b'{"email": ', b"nonsense", b'{"email": "a@aula.exa'])
def test_a_body_that_is_not_json_is_refused(visitor: httpx.Client, body: bytes) -> None:
    assert_problem(visitor.post("/auth/login", content=body, headers=_JSON), 400, "body_invalid")


def test_a_body_that_is_not_utf_8_is_refused(visitor: httpx.Client) -> None:
    assert_problem(visitor.post("/auth/login", content=b'{"email": "\xff"}', headers=_JSON), 400, "body_invalid")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "image/png"])
def test_a_body_of_another_type_is_refused(visitor: httpx.Client, media_type: str) -> None:
    answer = visitor.post("/auth/login", content=b"email=a", headers={"Content-Type": media_type})
    assert "application/json" in assert_problem(answer, 415, "media_type_unsupported")["detail"]


def test_a_body_that_is_nested_too_deep_is_refused(visitor: httpx.Client) -> None:
    answer = visitor.post("/courses", content=b"[" * 500_000, headers=_JSON)
    assert_problem(answer, 400, "body_invalid")


def test_a_problem_names_the_first_of_many_invalid_inputs(visitor: httpx.Client) -> None:
    unknown = {f"field{number}": 1 for number in range(1000)}
    body = assert_problem(visitor.post("/auth/login", json=unknown), 422, "input_invalid")
    assert len(body["errors"]) == 20
    assert body["detail"].endswith("; and 982 more")


@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("/auth/refresh", "refresh_token", b'{"refresh_token": "\\ud800"}'),
        ("/auth/login", "password", b'{"email": "a@aula.example", "password": "\\udfff"}'),
        ("/auth/login", "email", b'{"email": "\\ud800@aula.example", "password": "x"}'),
    ],
)
def test_half_of_a_surrogate_pair_is_refused_by_field(
    visitor: httpx.Client, path: str, field: str, body: bytes
) -> None:
    answer = visitor.post(path, content=body, headers=_JSON)
    assert field in [error["field"] for error in assert_problem(answer, 422, "input_invalid")["errors"]]


def test_the_name_of_an_unknown_field_is_cut(visitor: httpx.Client) -> None:
    answer = visitor.post("/auth/refresh", json={"refresh_token": "x", "y" * 500: 1})
    (error,) = assert_problem(answer, 422, "input_invalid")["errors"]
    assert error["field"] == "y" * 100


def test_a_name_with_half_of_a_surrogate_pair_is_refused(visitor: httpx.Client) -> None:
    answer = visitor.post("/auth/refresh", content=b'{"refresh_token": "x", "\\ud800": 1}', headers=_JSON)
    assert_problem(answer, 422, "input_invalid")


def test_a_body_with_too_large_a_content_length_is_refused(visitor: httpx.Client) -> None:
    answer = visitor.post("/auth/login", content=b" " * 16_385, headers=_JSON)
    assert "16384" in assert_problem(answer, 413, "body_too_large")["detail"]


def test_a_streamed_body_that_grows_too_large_is_refused(visitor: httpx.Client) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    assert_problem(visitor.post("/auth/login", content=parts(), headers=_JSON), 413, "body_too_large")


def test_a_body_of_the_largest_size_is_accepted(visitor: httpx.Client) -> None:
    body = json.dumps({"email": "a@aula.example", "password": ""}).encode()
    answer = visitor.post("/auth/login", content=body + b" " * (16_384 - len(body)), headers=_JSON)
    assert_problem(answer, 401, "login_refused")


def test_a_validation_problem_names_every_field_and_repeats_no_value(visitor: httpx.Client) -> None:
    wrong = {"email": "invalid", "password": [_SECRET], "display_name": "", "age": 3}
    answer = visitor.post("/auth/register", json=wrong)
    refusal = assert_problem(answer, 422, "input_invalid")
    assert {one["field"] for one in refusal["errors"]} == {"email", "password", "display_name", "age"}
    assert {one["location"] for one in refusal["errors"]} == {"body"}
    assert refusal["field"] in {"email", "password", "display_name", "age"}
    assert _SECRET not in answer.text


@pytest.mark.parametrize("name", ["a\x00b", "a\nb", "a\u2028b", "\ud800", " ", "x" * 81, None, 7])
def test_a_display_name_must_be_one_line_of_text(api: ApiHarness, name: object) -> None:
    body = json.dumps({"display_name": name})
    answer = api.user().http.patch("/me", content=body, headers=_JSON)
    assert assert_problem(answer, 422, "input_invalid")["field"] == "display_name"


@pytest.mark.parametrize("path", ["/courses/not-an-id", "/jobs/not-an-id", "/courses?limit=0", "/courses?limit=101"])
def test_path_and_query_parameters_are_validated(api: ApiHarness, path: str) -> None:
    refusal = assert_problem(api.user().http.get(path), 422, "input_invalid")
    assert refusal["field"] in {"course_id", "job_id", "limit"}
    assert refusal["errors"][0]["location"] in {"path", "query"}


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/me"])
def test_every_response_has_the_security_headers(visitor: httpx.Client, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["x-request-id"]


def test_an_unexpected_error_is_shown_in_the_log_only(api: ApiHarness) -> None:
    if not any(getattr(route, "path", None) == "/boom" for route in api.app.routes):
        api.app.include_router(_boom)
    with redirect_stderr(io.StringIO()) as log:
        answer = api.visitor().get("/boom")
        refusal = assert_problem(answer, 500, "unexpected")
        line = _logged(log, refusal["incident"], "exception")
    assert refusal["incident"] == answer.headers["x-request-id"]
    assert "RuntimeError" not in answer.text
    assert "RuntimeError" in line["exception"]


def test_the_request_log_contains_no_secrets(api: ApiHarness, capfd: pytest.CaptureFixture[str]) -> None:
    body = {"email": "a@aula.example", "password": _SECRET}
    client = api.visitor({"Authorization": f"Bearer {_SECRET}"})
    with redirect_stderr(io.StringIO()) as log:
        request_id = client.post(f"/auth/login?token={_SECRET}", json=body).headers["x-request-id"]
        line = _logged(log, request_id, "status")
    assert {"method": "POST", "path": "/auth/login", "status": 401}.items() <= line.items()
    assert _SECRET not in log.getvalue() + "".join(capfd.readouterr())


def _logged(log: io.StringIO, request_id: str, field: str) -> dict[str, Any]:
    """The line of a request that has the field: it is written behind the answer, so it is waited for.

    A stream of our own, since pytest's loses what another thread writes while it is read.
    """

    def found() -> list[dict[str, Any]]:
        whole, _, _ = log.getvalue().rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines() if request_id in line]
        return [line for line in lines if field in line]

    return wait_until(found, "the line of the request in the log")[0]
