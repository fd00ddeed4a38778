"""The diagram of docs/jobs.md is generated from the table of states."""

from pathlib import Path

from core.jobs.states import INITIAL, STEPS
from core.states import diagram

PAGE = Path(__file__).parents[3] / "docs" / "jobs.md"


def test_the_diagram_matches_the_table() -> None:
    drawn = diagram([INITIAL], STEPS)
    assert f"```mermaid\n{drawn}\n```" in PAGE.read_text(encoding="utf-8"), f"put this into docs/jobs.md:\n{drawn}"
