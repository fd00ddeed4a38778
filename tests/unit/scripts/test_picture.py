"""What `make run` shows."""

import io

import pytest
from rich.console import Console

from scripts.run.picture import LivePicture, Picture, PlainPicture, make_picture, shown


def plain() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=40), text


def terminal() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=True, width=100, _environ={"TERM": "xterm"}), text


def play(picture: Picture) -> None:
    with picture:
        picture.section("One purchase", ["order", "pay", "receipt"])
        with picture.step("order") as step:
            step.note = "2 items [SEK], and a note that is longer than the console is wide"
        with pytest.raises(ValueError, match="declined"):
            decline(picture)


def decline(picture: Picture) -> None:
    with picture.step("pay"):
        raise ValueError("declined")


def test_a_file_gets_a_line_for_each_step_that_ended() -> None:
    console, text = plain()
    picture = make_picture(console)
    assert isinstance(picture, PlainPicture)
    play(picture)
    title, order, pay = text.getvalue().splitlines()
    assert title == "One purchase"
    assert order.split()[:2] == ["ok", "order"]
    assert order.endswith("2 items [SEK], and a note that is longer than the console is wide")
    assert pay.split()[:2] == ["FAILED", "pay"]


def test_a_terminal_shows_steps_to_come_too() -> None:
    console, text = terminal()
    picture = make_picture(console)
    assert isinstance(picture, LivePicture)
    play(picture)
    last = text.getvalue().rpartition("One purchase")[2]
    assert [mark for mark in ("✓", "✗", "·") if mark not in last] == []
    assert "receipt" in last
    assert "[SEK]" in last


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0124, "12 ms"), (0.9994, "999 ms"), (1.0, "1.0 s"), (61.25, "61.2 s")]
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert shown(seconds) == text
