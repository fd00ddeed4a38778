"""docs/stripe.md lists every control and every test card."""

from pathlib import Path
from time import time

import pytest

from emulators.stripe.cards import CARDS, Card
from emulators.stripe.config import Config
from emulators.stripe.controls.routes import control_routes
from emulators.stripe.emulator import Emulator
from emulators.stripe.storage import Store

GUIDE = (Path(__file__).parents[2] / "docs" / "stripe.md").read_text(encoding="utf-8")


def test_every_control_is_in_the_guide(tmp_path: Path) -> None:
    config = Config("http://localhost", tmp_path, "http://localhost/hook", "whsec_x", "sk_test_x")
    routes = control_routes(Emulator(config, Store(tmp_path), time))
    methods = [(route.path, sorted((route.methods or set()) - {"HEAD"})) for route in routes]
    for path, (method,) in methods:
        assert f"`{method} {path}`" in GUIDE


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.token)
def test_every_test_card_is_in_the_guide(card: Card) -> None:
    (row,) = [line for line in GUIDE.splitlines() if card.spaced in line and line.startswith("|")]
    assert f"`pm_card_{card.token}`" in row
    assert all(code in row for code in (card.code, card.decline_code) if code)
