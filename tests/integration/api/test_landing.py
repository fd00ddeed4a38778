"""The page that a buyer returns to from the checkout."""

from tests.support.api_harness import ApiHarness


def test_the_thanks_page_is_public(api: ApiHarness) -> None:
    page = api.visitor().get("/thanks?order=0198")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "kvitto" in page.text
    assert "receipt" in page.text
