"""The diagrams of docs/orders.md are generated from the tables of states."""

from pathlib import Path

import pytest

from core.orders import states as orders
from core.payments import states as payments
from core.states import diagram

PAGE = Path(__file__).parents[3] / "docs" / "orders.md"


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(diagram([orders.INITIAL, orders.INITIAL_FREE], orders.STEPS), id="orders"),
        pytest.param(diagram(payments.INITIAL, payments.STEPS), id="payments"),
    ],
)
def test_the_diagram_matches_the_table(expected: str) -> None:
    assert f"```mermaid\n{expected}\n```" in PAGE.read_text(encoding="utf-8"), (
        f"put this into docs/orders.md:\n{expected}"
    )
