"""Every command of the documents is run by a test, or it is listed here with the reason why not."""

import re
from collections.abc import Mapping

import pytest

from scripts.local.instances import ROOT
from tests.architecture.test_document_paths import PAGES, relative

# The page of each block and how its first line begins; the guide is run whole by tests/e2e/test_guide.py. The tests of
# docs/clients.md run the same generators, with pinned versions.
RUN_BY: Mapping[tuple[str, str], str] = {
    ("docs/clients.md", 'echo \'{"content_type_overrides"'): "tests/clients/test_python_client.py",
    ("docs/clients.md", "npm install openapi-typescript"): "tests/clients/test_other_clients.py",
    ("docs/clients.md", "uv tool run openapi-generator-cli"): "tests/clients/test_other_clients.py",
    ("docs/operations/backup.md", "aula db backup"): "tests/e2e/test_backup.py",
    ("docs/operations/backup.md", "aula db restore"): "tests/e2e/test_backup.py",
    ("docs/operations/backup.md", "aula db migrate"): "tests/e2e/test_backup.py",
    ("docs/operations/backup.md", "aula schedules run-now webhooks-sweep"): "tests/e2e/test_backup.py",
    ("docs/operations/backup.md", "aula schedules run-now maintenance-check"): "tests/e2e/test_backup.py",
    ("docs/stripe.md", "python -m emulators.stripe"): "tests/contract/test_stripe_guide.py",
    ("docs/stripe.md", "curl -i http://127.0.0.1:8010/pay/"): "tests/contract/test_stripe_guide.py",
    ("docs/stripe.md", "E="): "tests/contract/test_stripe_guide.py",
    ("docs/stripe.md", "stripe trigger checkout.session.completed"): "tests/contract/test_stripe_cli.py",
}
NOT_RUN: Mapping[tuple[str, str], str] = {
    (
        "README.md",
        "make run",
    ): "sets everything up and runs every test; tests/e2e/test_run.py runs what `make run` calls",
    ("README.md", "make check"): "the checks and measurements themselves, which take from minutes to an hour",
    ("docs/client.md", "make run"): "tests/e2e/test_app.py runs what it calls",
    ("docs/client.md", "make client.app"): "needs Flutter's SDK; tests/unit/client/test_app_folder.py makes the folder",
    ("docs/clients.md", "curl -sf"): "needs a running system; the tests of clients ask for the same document",
    ("docs/operations/command-line.md", "aula doctor"): "has placeholders; the tests of `aula` run each command",
}
GUIDE = "docs/guide/"
BLOCK = re.compile(r"^```(?:sh|bash|console|shell)\n(.*?)\n", re.MULTILINE)
FOUND = [
    (relative(page), first_line)
    for page in PAGES
    if not relative(page).startswith(GUIDE)
    for first_line in BLOCK.findall(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("block", FOUND, ids=lambda block: f"{block[0]}: {block[1][:40]}")
def test_the_block_is_run_or_says_why_not(block: tuple[str, str]) -> None:
    page, first_line = block
    known = [start for name, start in (*RUN_BY, *NOT_RUN) if name == page and first_line.startswith(start)]
    assert len(known) == 1, f"let a test run it, or give the reason in NOT_RUN: {first_line}"


@pytest.mark.parametrize("listed", [*RUN_BY, *NOT_RUN], ids=lambda listed: f"{listed[0]}: {listed[1][:40]}")
def test_a_listed_block_is_still_on_its_page(listed: tuple[str, str]) -> None:
    assert [first for page, first in FOUND if page == listed[0] and first.startswith(listed[1])] != []


def test_the_tests_that_run_blocks_exist() -> None:
    assert [path for path in RUN_BY.values() if not (ROOT / path).is_file()] == []


def test_the_guide_has_commands_and_its_index_has_none() -> None:
    pages = [page for page in PAGES if relative(page).startswith(GUIDE)]
    without = [page.name for page in pages if not BLOCK.search(page.read_text(encoding="utf-8"))]
    assert without == ["README.md"]
