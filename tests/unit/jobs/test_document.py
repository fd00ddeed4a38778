"""docs/jobs.md shows the table that the program obeys."""

from pathlib import Path

from core.jobs.states import PENDING, TRANSITIONS
from core.states import Step, diagram

PAGE = Path(__file__).parents[3] / "docs" / "jobs.md"


def drawn() -> str:
    steps = [Step(source, event, target) for source, events in TRANSITIONS.items() for event, target in events.items()]
    return diagram([PENDING], steps)


def test_the_diagram_is_the_table() -> None:
    assert f"```mermaid\n{drawn()}\n```" in PAGE.read_text(encoding="utf-8"), f"put this into docs/jobs.md:\n{drawn()}"
