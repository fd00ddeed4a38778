"""docs/guide, page by page: every command runs, and its output has the lines that the page shows."""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from scripts.local.instances import ROOT
from tests.e2e.test_run import DEADLINE, read_until, run
from tests.support.run_variables import run_variables

GUIDE = ROOT / "docs" / "guide"
NAMES = re.findall(r"^\| \[[^]]+\]\(([\w-]+\.md)\)", (GUIDE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"
MARK = "--- end of block ---"
PAGE_SECONDS = 90
pytestmark = pytest.mark.timeout(3 * DEADLINE)


@dataclass(frozen=True, slots=True)
class Step:
    """A block of commands, and the lines that its output must have."""

    commands: str
    lines: Sequence[str]

    def missing(self, output: str) -> list[str]:
        """The lines that the output does not have; `…` stands for any characters."""
        return [line for line in self.lines if not _pattern(line).search(output)]


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, line.strip().split(ANYTHING))))


def steps_of(page: str) -> list[Step]:
    """The blocks of a page in their order, each with the text block that follows it."""
    steps: list[Step] = []
    for language, body in BLOCK.findall(page):
        if language == "sh":
            steps.append(Step(body, ()))
        else:
            assert steps, f"this output has no command before it:\n{body}"
            assert not steps[-1].lines, f"a block has two outputs; the second is:\n{body}"
            steps[-1] = Step(steps[-1].commands, body.splitlines())
    return steps


def check(steps: Sequence[Step], variables: Mapping[str, str], folder: Path) -> tuple[dict[str, str], str | None]:
    """Run all steps in one bash. Returns its variables and functions at the end, and what failed."""
    left = folder / "variables"
    left.unlink(missing_ok=True)
    # Exported with `set -a`, functions too, for the bash of the next page.
    script = ["set -euo pipefail", "set -a", *(f"{step.commands}echo {shlex.quote(MARK)}" for step in steps)]
    printed = folder / "output"
    with printed.open("w", encoding="utf-8") as output:
        code = _run("\n".join([*script, f"env -0 > {shlex.quote(str(left))}"]), variables, folder, output)
    *outputs, rest = printed.read_text(encoding="utf-8").split(f"{MARK}\n")
    if code != 0:
        end = "no end of" if code is None else f"code {code} from"
        return {}, f"{end}\n\n{steps[len(outputs)].commands}\nwhich printed\n\n{rest}"
    entries = left.read_text(encoding="utf-8").split("\0")
    return dict(entry.split("=", 1) for entry in entries if entry), _difference(steps, outputs)


def _run(script: str, variables: Mapping[str, str], folder: Path, output: IO[str]) -> int | None:
    """The exit code of a bash; None when it has not ended in time."""
    command = ["/bin/bash", "-c", script]
    with subprocess.Popen(  # noqa: S603 - the commands of our guide
        command,
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as bash:
        try:
            return bash.wait(PAGE_SECONDS)
        except subprocess.TimeoutExpired:
            # What bash has started, too.
            os.killpg(bash.pid, signal.SIGKILL)
            return None


def _difference(steps: Sequence[Step], outputs: Sequence[str]) -> str | None:
    for step, text in zip(steps, outputs, strict=True):
        if missing := step.missing(text):
            return f"not in the output: {missing}\n\n{step.commands}\nprinted\n\n{text}"
    return None


def variables_of(run_id: int, output: Sequence[str], folder: Path) -> dict[str, str]:
    """What the reader has: the line `Shell` of `make run`, and `aula` on the path, which must find this run."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "aula").symlink_to(ROOT / "scripts" / "aula.sh")
    (exported,) = [line.split()[2:] for line in output if line.split()[:2] == ["Shell", "export"]]
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **run_variables(run_id), "PATH": path, **dict(pair.split("=", 1) for pair in exported)}


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str | None]:
    """What failed on each page. A page begins with what the pages before it left, as for a reader."""
    folder = tmp_path_factory.mktemp("guide")
    found: dict[str, str | None] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AULA_")]:
            patch.delenv(name)
        with run() as process:
            variables = variables_of(process.pid, read_until(process, "Serving until Ctrl-C"), folder)
            for name in NAMES:
                steps = steps_of((GUIDE / name).read_text(encoding="utf-8"))
                left, found[name] = check(steps, variables, folder)
                variables = left or variables
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=DEADLINE)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_the_page_does_what_the_page_says(failures: Mapping[str, str | None], name: str) -> None:
    assert failures[name] is None, f"docs/guide/{name}: {failures[name]}"


def test_the_index_names_every_page() -> None:
    assert sorted(NAMES) == sorted(path.name for path in GUIDE.glob("*.md") if path.name != "README.md")


def test_a_command_that_fails_is_reported_with_its_output(tmp_path: Path) -> None:
    steps = [Step("echo fine\n", ["fine"]), Step("echo broken; false | cat\n", []), Step("echo never\n", [])]
    _, failure = check(steps, os.environ, tmp_path)
    assert failure == "code 1 from\n\necho broken; false | cat\n\nwhich printed\n\nbroken\n"


def test_an_output_without_a_shown_line_is_reported(tmp_path: Path) -> None:
    _, failure = check([Step('echo \'"state": "paid"\'\n', ['"state": "pending"'])], os.environ, tmp_path)
    assert failure is not None
    assert failure.startswith("""not in the output: ['"state": "pending"']""")


def test_a_shown_line_may_have_a_gap() -> None:
    assert Step("", ["again in … s"]).missing("Try again in 12 s.") == []
    assert Step("", ["again in … s"]).missing("Try again in\n12 s.") == ["again in … s"]


def test_variables_and_functions_are_there_on_the_next_page(tmp_path: Path) -> None:
    first = [Step('NAME=Anna\ngreet() { echo "hello $1"; }\n', [])]
    variables, failure = check(first, os.environ, tmp_path)
    assert failure is None
    assert check([Step('greet "$NAME"\n', ["hello Anna"])], variables, tmp_path)[1] is None
