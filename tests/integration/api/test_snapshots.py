"""A read sees one snapshot of the database, and can write nothing."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from fastapi import Request
from sqlalchemy import Engine, event, text

from api.deps import get_session
from tests.support.api_harness import ApiHarness, User
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness, make_event


@contextmanager
def after_first(words: str, act: Callable[[], object]) -> Generator[list[str]]:
    """Act once, in another connection, after the first statement with these words; yields what was executed."""
    executed: list[str] = []

    def executes(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        first = words in statement and not any(words in one for one in executed)
        executed.append(statement)
        if first:
            act()

    event.listen(Engine, "after_cursor_execute", executes)
    try:
        yield executed
    finally:
        event.remove(Engine, "after_cursor_execute", executes)


def paying(webhooks: WebhookHarness, order: dict[str, Any]) -> Callable[[], object]:
    """Deliver the payment of an order."""
    purchase = Purchase(UUID(order["id"]), order["total_amount"])
    return lambda: webhooks.deliver(make_event(purchase))


@pytest.fixture
def buyer(api: ApiHarness) -> User:
    return api.user()


@pytest.mark.parametrize("path", ["/orders/{id}", "/me/orders"])
def test_an_order_that_is_paid_meanwhile_is_shown_as_it_was(
    api: ApiHarness, webhooks: WebhookHarness, buyer: User, path: str
) -> None:
    order = buyer.place_order(api.course())
    with after_first("FROM app.orders", paying(webhooks, order)):
        before = buyer.http.get(path.format(**order)).json()
    after = buyer.http.get(path.format(**order)).json()
    shown = [body["items"][0] if path == "/me/orders" else body for body in (before, after)]
    assert [(one["state"], one["payment_state"]) for one in shown] == [("pending", None), ("paid", "succeeded")]


@pytest.mark.parametrize(
    ("method", "mode"),
    [("GET", ("repeatable read", "on")), ("HEAD", ("repeatable read", "on")), ("POST", ("read committed", "off"))],
)
def test_a_read_has_a_transaction_that_can_write_nothing(api: ApiHarness, method: str, mode: tuple[str, str]) -> None:
    # The mode of one request is not left on the connection for the next.
    for asked, expected in ((method, mode), ("POST", ("read committed", "off"))):
        for session in get_session(Request({"type": "http", "method": asked, "app": api.app}), None):
            shown = [
                session.scalar(text(f"show {name}")) for name in ("transaction_isolation", "transaction_read_only")
            ]
            assert tuple(shown) == expected
