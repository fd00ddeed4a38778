"""Every text is used, and every key that is used has a text."""

import ast
import re
from string import Formatter
from typing import get_args

from client.formats import Language
from client.operations.orders import OrderOut
from client.texts import TEXTS, text_of
from tests.architecture.tree import parsed, python_files

# Keys that are put together: the part before the value.
BUILT = re.compile(r"^(problem\.|situation\.|refund_state\.|seat_state\.|state_|role_|new_|legal_)")
LANGUAGES: tuple[Language, ...] = ("sv", "en")


def strings_of_the_code() -> set[str]:
    paths = [path for path in python_files("client") if "texts" not in path.parts]
    nodes = (node for path in paths for node in ast.walk(parsed(path)))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def said_keys() -> set[str]:
    """The keys in calls of `say` with a plain text."""
    calls = (
        node
        for path in python_files("client")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and node.args
    )
    named = (call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) == "say")
    return {
        call.args[0].value
        for call in named
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def test_each_key_that_is_said_has_a_text() -> None:
    spoken = {key for key in said_keys() if re.fullmatch(r"[a-z_.]+", key)}
    assert spoken - set(TEXTS) == set()


def test_each_text_is_used() -> None:
    used = strings_of_the_code()
    assert [key for key in TEXTS if key not in used and not BUILT.match(key)] == []


def test_both_languages_take_the_same_values() -> None:
    fields = {
        key: [{name for _, name, _, _ in Formatter().parse(text) if name} for text in both]
        for key, both in TEXTS.items()
    }
    assert [key for key, (swedish, english) in fields.items() if swedish != english] == []


def test_each_situation_of_an_order_has_words() -> None:
    names = get_args(OrderOut.model_fields["situation"].annotation)
    assert names
    assert [one for one in names if f"situation.{one}" not in TEXTS or f"situation.{one}.text" not in TEXTS] == []


def test_a_text_takes_its_values() -> None:
    assert [text_of("buy", one, price="5 kr") for one in LANGUAGES] == ["Köp för 5 kr", "Buy for 5 kr"]
