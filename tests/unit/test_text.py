"""The text that people type: what is allowed, and what it becomes."""

import pytest
from pydantic import TypeAdapter, ValidationError

from core.text import Line, Prose

LINE: TypeAdapter[str] = TypeAdapter(Line)
PROSE: TypeAdapter[str] = TypeAdapter(Prose)


@pytest.mark.parametrize(
    "text",
    [
        "Måla med akvarell",
        "Ὀδύσσεια · 日本語 · עברית",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩\u200d👩\u200d👧 & ☀️",
        "\u1e8b\u0323\u0331",
        "100 % <b> =?utf-8?q?x?=",
    ],
    ids=["swedish", "scripts", "persian-joiner", "emoji", "two-marks", "markup"],
)
def test_a_sensible_line_stays_as_typed(text: str) -> None:
    assert LINE.validate_python(text) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a\nb", "U+000A"),
        ("a\x00b", "U+0000"),
        ("a\u202eb", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("a\u200bb", "U+200B"),
        ("a\ufeffb", "U+FEFF"),
        ("a\u00adb", "U+00AD"),
        ("a\u2028b", "U+2028"),
        ("a\ue000b", "U+E000"),
        ("a\uffffb", "U+FFFF"),
        ("\U000e0041", "U+E0041"),
        ("e" + "\u0301\u0302" * 3, "marks on one letter"),
        ("\u3164\u2800", "visible"),
        ("\u200d", "visible"),
    ],
    ids=ascii,
)
def test_a_character_that_hides_or_reorders_text_is_refused(text: str, named: str) -> None:
    for kind in (LINE, PROSE) if text != "a\nb" else (LINE,):
        with pytest.raises(ValidationError) as refused:
            kind.validate_python(text)
        assert named in str(refused.value.errors()[0]["msg"])


def test_prose_has_lines_and_tabs() -> None:
    assert PROSE.validate_python(" a\n\tb\r\nc ") == "a\n\tb\r\nc"


def test_text_is_stored_in_one_form() -> None:
    assert LINE.validate_python("A\u030angstro\u0308m") == "\u00c5ngstr\u00f6m"


def test_an_empty_text_is_for_the_field_to_refuse() -> None:
    assert LINE.validate_python("  ") == ""
