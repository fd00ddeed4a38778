"""What is removed from a stored event, and what stays."""

import json
from uuid import UUID

import pytest

from core.webhooks.parse import read_stripe_event
from core.webhooks.personal_data import MARK, PERSONAL, redacted_body, without_personal_data
from tests.support.purchases import Purchase, paid_event

PURCHASE = Purchase(UUID(int=7), 49_900)


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_a_personal_member_is_null_at_any_depth(name: str) -> None:
    value = {"id": "ch_1", "rows": [{"deep": {name: {"line1": "Sagogränd"}}}], name: "Ingeborg"}
    assert without_personal_data(value) == {"id": "ch_1", "rows": [{"deep": {name: None}}], name: None}


def test_a_redacted_event_says_the_same_about_its_payment() -> None:
    body = paid_event(PURCHASE)
    again = redacted_body(body.decode())
    assert read_stripe_event(again.encode()).data == read_stripe_event(body).data
    assert json.loads(again)[MARK] is True


def test_half_a_surrogate_pair_stays_an_escape() -> None:
    assert redacted_body('{"note": "\\ud83d", "email": "a@b.example"}') == (
        f'{{"note": "\\ud83d", "email": null, "{MARK}": true}}'
    )


def test_redacting_twice_changes_nothing() -> None:
    once = redacted_body(paid_event(PURCHASE).decode())
    assert redacted_body(once) == once
