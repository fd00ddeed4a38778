"""Check problem responses."""

from typing import Any

import httpx


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that a response is a problem with this status and code; returns its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == code, body
    assert body["type"] == f"/problems/{code}"
    assert body["title"]
    assert body["detail"]
    return body


def assert_invalid(answer: httpx.Response, field: str, allowed: str = "") -> None:
    """Check that a response names the invalid field, and what is allowed."""
    body = assert_problem(answer, 422, "input_invalid")
    assert (body["field"], allowed in body["detail"]) == (field, True), body
