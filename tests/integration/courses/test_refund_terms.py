"""The terms of refunds that a teacher sets on courses and services."""

from typing import Any

import pytest

from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_problem

COURSE: dict[str, Any] = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}
SERVICE: dict[str, Any] = {**COURSE, "duration_minutes": 60}


@pytest.fixture(scope="module")
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


@pytest.mark.parametrize(
    ("path", "draft", "usual"),
    [
        ("/courses", COURSE, {"refund_days": 14, "refund_max_progress": 30}),
        ("/services", SERVICE, {"refund_days": 14}),
    ],
    ids=["course", "service"],
)
def test_terms_have_defaults_and_are_shown_to_everyone(
    api: ApiHarness, teacher: User, path: str, draft: dict[str, Any], usual: dict[str, int]
) -> None:
    made: str = teacher.http.post(path, json=draft).headers["location"]
    teacher.http.post(f"{made}/publish")
    shown = api.visitor().get(made).json()
    assert {name: shown[name] for name in usual} == usual
    other = dict.fromkeys(usual, 0)
    assert teacher.http.patch(made, json=other).status_code == 200
    shown = api.visitor().get(made).json()
    assert {name: shown[name] for name in other} == other


@pytest.mark.parametrize(
    ("path", "draft", "field", "value"),
    [
        ("/courses", COURSE, "refund_days", -1),
        ("/courses", COURSE, "refund_days", 366),
        ("/courses", COURSE, "refund_days", "14"),
        ("/courses", COURSE, "refund_days", None),
        ("/courses", COURSE, "refund_max_progress", -1),
        ("/courses", COURSE, "refund_max_progress", 101),
        ("/services", SERVICE, "refund_days", 366),
        ("/services", SERVICE, "refund_max_progress", 30),
    ],
)
def test_terms_out_of_range_are_refused_by_name(
    teacher: User, path: str, draft: dict[str, Any], field: str, value: object
) -> None:
    made: str = teacher.http.post(path, json=draft).headers["location"]
    for answer in (
        teacher.http.post(path, json={**draft, field: value}),
        teacher.http.patch(made, json={field: value}),
    ):
        problem = assert_problem(answer, 422, "input_invalid")
        assert [error["field"] for error in problem["errors"]] == [field]
