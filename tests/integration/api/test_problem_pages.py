"""The page of each problem code."""

import pytest

from api.problem_pages import advice, problems_by_code
from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem


def test_the_type_of_a_problem_leads_to_its_page(api: ApiHarness) -> None:
    problem = api.visitor().get("/me").json()
    page = api.visitor().get(problem["type"])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Sign in first." in page.text
    assert "401 Unauthorized" in page.text


@pytest.mark.parametrize("code", problems_by_code())
def test_every_code_has_a_page_that_says_what_to_do(api: ApiHarness, code: str) -> None:
    page = api.visitor().get(f"/problems/{code}")
    assert page.status_code == 200
    assert f"<code>{code}</code>" in page.text
    assert advice(problems_by_code()[code]).partition("`")[0] in page.text


@pytest.mark.parametrize("code", ["nothing", "<script>", "a" * 300])
def test_an_unknown_code_has_no_page(api: ApiHarness, code: str) -> None:
    assert_problem(api.visitor().get(f"/problems/{code}"), 404, "not_found")
