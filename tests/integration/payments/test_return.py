"""Where a buyer comes back to from the pay page."""

from tests.integration.orders.shop import Shop


def test_the_page_a_buyer_comes_back_to_is_there_for_anybody(shop: Shop) -> None:
    page = shop.visitor().get("/thanks?order=0198")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "kvitto" in page.text
    assert "receipt" in page.text
