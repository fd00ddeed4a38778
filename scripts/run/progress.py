"""Shows the progress of steps: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

_FRAMES_PER_SECOND = 12
_MAX_WIDTH = 110
_MILLISECONDS_BELOW = 1.0


class State(Enum):
    """The state of a step."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Step:
    """One step; `note` may be set while it runs."""

    name: str
    state: State = State.WAITING
    note: str = ""
    started: float = 0.0
    ended: float = 0.0

    @property
    def seconds(self) -> float:
        """Duration in seconds, so far while it runs."""
        return (self.ended or time.monotonic()) - self.started

    @contextmanager
    def run(self, since: float | None = None) -> Generator[Self]:
        """Run until the context ends; an exception marks the step as failed."""
        self.started = time.monotonic() if since is None else since
        self.state = State.RUNNING
        try:
            yield self
        except BaseException:
            self.state = State.FAILED
            raise
        else:
            self.state = State.DONE
        finally:
            self.ended = time.monotonic()


@dataclass(slots=True)
class Section:
    """A heading and its steps."""

    title: str
    steps: list[Step] = field(default_factory=list[Step])


class Progress(Protocol):
    """Shows sections of steps."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def section(self, title: str, names: Sequence[str]) -> None:
        """Add a section with waiting steps; `step` then refers to this section."""
        ...

    @contextmanager
    def step(self, name: str, since: float | None = None) -> Generator[Step]:
        """Run a step of the last section; its duration counts from `since`, a monotonic time."""
        ...


class LiveProgress:
    """A table that is redrawn several times per second."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._sections: list[Section] = []
        self._live = Live(self, console=console, refresh_per_second=_FRAMES_PER_SECOND)
        self._spinner = Spinner("dots", style="cyan")

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def __rich__(self) -> RenderableType:
        return Group(*(item for section in self._sections for item in (Text(""), self._table(section))))

    def section(self, title: str, names: Sequence[str]) -> None:
        """Add a section with waiting steps."""
        self._sections.append(Section(title, [Step(name) for name in names]))

    @contextmanager
    def step(self, name: str, since: float | None = None) -> Generator[Step]:
        """Run a step of the last section."""
        with _find(self._sections[-1], name).run(since) as step:
            yield step

    def _table(self, section: Section) -> RenderableType:
        table = Table(title=section.title, width=min(self._console.width, _MAX_WIDTH), box=None, show_header=False)
        table.title_justify, table.title_style = "left", "bold"
        table.add_column(width=2)
        table.add_column(min_width=22)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis", style="dim")
        table.add_column(justify="right", min_width=8)
        for step in section.steps:
            style = "dim" if step.state is State.WAITING else "red" if step.state is State.FAILED else ""
            duration = "" if step.state is State.WAITING else format_seconds(step.seconds)
            table.add_row(self._mark(step), Text(step.name, style), step.note, Text(duration, "cyan"))
        return table

    def _mark(self, step: Step) -> RenderableType:
        if step.state is State.RUNNING:
            return self._spinner
        mark, style = {State.WAITING: ("·", "dim"), State.DONE: ("✓", "green"), State.FAILED: ("✗", "bold red")}[
            step.state
        ]
        return Text(mark, style)


class PlainProgress:
    """One line for each step that has ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._section = Section("")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def section(self, title: str, names: Sequence[str]) -> None:
        """Write the heading."""
        self._section = Section(title, [Step(name) for name in names])
        self._write(title)

    @contextmanager
    def step(self, name: str, since: float | None = None) -> Generator[Step]:
        """Run a step of the last section and write how it ended."""
        step = _find(self._section, name)
        try:
            with step.run(since):
                yield step
        finally:
            outcome = "ok" if step.state is State.DONE else "FAILED"
            self._write(f"  {outcome:<6}  {name:<22}  {format_seconds(step.seconds):>8}  {step.note}".rstrip())

    def _write(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def make_progress(console: Console) -> Progress:
    """The live table for a terminal, plain lines otherwise."""
    return LiveProgress(console) if console.is_terminal and not console.is_dumb_terminal else PlainProgress(console)


def format_seconds(seconds: float) -> str:
    """Format a duration: in milliseconds below one second."""
    return f"{seconds * 1000:.0f} ms" if seconds < _MILLISECONDS_BELOW else f"{seconds:.1f} s"


def _find(section: Section, name: str) -> Step:
    return next(step for step in section.steps if step.name == name)
