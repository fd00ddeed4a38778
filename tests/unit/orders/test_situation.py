"""What the buyer is told in each state, with each course of the money."""

from datetime import UTC, datetime, timedelta

import pytest

from core.orders.situation import Money, Situation, situation_of
from db.models import Order, OrderState

NOW = datetime(2026, 11, 26, tzinfo=UTC)
NONE = Money(0, 0, failed=False)


@pytest.mark.parametrize(
    ("state", "money", "situation"),
    [
        ("pending", NONE, "payable"),
        ("pending", Money(0, 0, failed=True), "failed"),
        ("pending", Money(50, 0, failed=False), "checking"),
        ("pending", Money(50, 50, failed=False), "payable"),
        ("processing", Money(0, 0, failed=True), "delayed"),
        ("paid", Money(100, 0, failed=True), "fulfilling"),
        ("fulfilled", Money(100, 0, failed=False), "fulfilled"),
        ("fulfilled", Money(0, 0, failed=False), "fulfilled"),
        ("fulfilled", Money(100, 30, failed=False), "partly_refunded"),
        ("fulfilled", Money(200, 100, failed=False), "fulfilled"),
        ("refunded", Money(100, 100, failed=False), "refunded"),
        ("disputed", Money(100, 0, failed=False), "disputed"),
        ("expired", Money(0, 0, failed=True), "expired"),
        ("cancelled", NONE, "cancelled"),
        ("cancelled", Money(100, 0, failed=False), "checking"),
    ],
)
def test_the_situation_follows_from_state_and_money(state: OrderState, money: Money, situation: Situation) -> None:
    order = Order(state=state, total_amount=100, expires_at=NOW + timedelta(hours=1))
    assert situation_of(order, money, NOW) == situation


def test_a_pending_order_past_its_time_is_told_as_expired() -> None:
    assert situation_of(Order(state="pending", total_amount=100, expires_at=NOW), NONE, NOW) == "expired"
