"""The page of the API's document: whole without internet."""

import re

from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem


def test_the_page_loads_its_own_files_alone(api: ApiHarness) -> None:
    visitor = api.visitor()
    page = visitor.get("/docs")
    assert page.status_code == 200
    # The browser refuses what another host would send.
    policy = page.headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy.split("; "))
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) > 5
    assert [one for one in loaded if not one.startswith("/")] == []
    assert [one for one in loaded if visitor.get(one).status_code != 200] == []


def test_the_page_shows_the_document_of_this_api(api: ApiHarness) -> None:
    visitor = api.visitor()
    assert 'url: "/openapi.json"' in visitor.get("/docs/assets/docs.js").text
    assert "SwaggerUIBundle" in visitor.get("/docs/assets/swagger-ui-bundle.js").text
    assert_problem(visitor.get("/docs/assets/other.js"), 422, "input_invalid")
