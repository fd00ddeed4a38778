"""The states of a refund, and the places in SQL that count the money of some of them."""

import re
from itertools import product
from typing import get_args

from core.refunds.states import GIVEN_BACK, PROGRESS, PROVIDER_STATES, is_later
from db.models import RefundState
from tests.architecture.tree import sql_files


def test_every_state_has_its_place() -> None:
    assert set(PROGRESS) == set(get_args(RefundState))
    assert set(PROVIDER_STATES.values()) == set(PROGRESS) - {"requested"}


def test_a_refund_moves_forward_only() -> None:
    assert [is_later(one, other) for one, other in product(PROGRESS[:2], repeat=2)] == [False, False, True, False]


def test_money_is_given_back_until_its_refund_has_failed() -> None:
    assert set(GIVEN_BACK) == set(PROGRESS) - {"failed", "cancelled"}


def test_sql_counts_the_same_states() -> None:
    texts = {str(path): path.read_text(encoding="utf-8") for path in sql_files()}
    counted = {
        path: re.findall(r"\br\.state in \(([^)]*)\)", text) for path, text in texts.items() if "/payments/" in path
    }
    wanted = ", ".join(f"'{state}'" for state in GIVEN_BACK)
    assert {name for path, found in counted.items() for name in found if "_books_there" not in path} == {wanted}
