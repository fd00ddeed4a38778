"""The progress display of `make run`."""

import io

import pytest
from rich.console import Console

from scripts.run.progress import LiveProgress, PlainProgress, Progress, format_seconds, make_progress


def plain() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=40), text


def terminal() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=True, width=100, _environ={"TERM": "xterm"}), text


def show_steps(progress: Progress) -> None:
    with progress:
        progress.section("One purchase", ["order", "pay", "receipt"])
        with progress.step("order") as step:
            step.note = "2 items [SEK], and a note that is longer than the console is wide"
        with pytest.raises(ValueError, match="declined"):
            decline(progress)


def decline(progress: Progress) -> None:
    with progress.step("pay"):
        raise ValueError("declined")


def test_plain_progress_writes_a_line_for_each_ended_step() -> None:
    console, text = plain()
    progress = make_progress(console)
    assert isinstance(progress, PlainProgress)
    show_steps(progress)
    title, order, pay = text.getvalue().splitlines()
    assert title == "One purchase"
    assert order.split()[:2] == ["ok", "order"]
    assert order.endswith("2 items [SEK], and a note that is longer than the console is wide")
    assert pay.split()[:2] == ["FAILED", "pay"]


def test_live_progress_also_shows_waiting_steps() -> None:
    console, text = terminal()
    progress = make_progress(console)
    assert isinstance(progress, LiveProgress)
    show_steps(progress)
    last = text.getvalue().rpartition("One purchase")[2]
    assert [mark for mark in ("✓", "✗", "·") if mark not in last] == []
    assert "receipt" in last
    assert "[SEK]" in last


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0124, "12 ms"), (0.9994, "999 ms"), (1.0, "1.0 s"), (61.25, "61.2 s")]
)
def test_durations_are_formatted_for_people(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text
