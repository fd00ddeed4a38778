"""docs/security.md answers every requirement of levels 1 and 2 of OWASP's ASVS 5.0.0, and names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

# The numbers of levels 1 and 2, by section.
SECTIONS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2
2.1:1-3 2.2:1-3 2.3:1-4 2.4:1
3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
4.1:1-3 4.2:1 4.3:1-2 4.4:1-4
5.1:1 5.2:1-3 5.3:1-2 5.4:1-3
6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4
7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2
8.1:1-2 8.2:1-3 8.3:1 8.4:1
9.1:1-3 9.2:1-4
10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3
11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1
12.1:1-3 12.2:1-2 12.3:1-4
13.1:1 13.2:1-5 13.3:1-2 13.4:1-5
14.1:1-2 14.2:1-4 14.3:1-3
15.1:1-3 15.2:1-3 15.3:1-7
16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3
17.1:1 17.2:1-4 17.3:1-2
"""


def test_every_requirement_is_answered_once() -> None:
    answered = [one for row in re.findall(r"^\| (\d[\d., ]+) \|", PAGE, re.MULTILINE) for one in row.split(", ")]
    sections = [one.split(":") for one in SECTIONS.split()]
    wanted = [f"{section}.{number}" for section, numbers in sections for number in _numbers(numbers)]
    assert sorted(answered) == sorted(wanted)


def test_every_answer_has_a_state() -> None:
    states = re.findall(r"^\| \d[\d., ]+ \| ([a-z ]+) \|", PAGE, re.MULTILINE)
    assert set(states) == {"met", "partly", "not met", "deployment", "none here"}


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"(?:tests|core|api)/[\w/]+\.py|(?<=\()[\w/-]+\.md", PAGE))
    missing = [one for one in named if not (ROOT / one).exists() and not (ROOT / "docs" / one).exists()]
    assert missing == []


def _numbers(numbers: str) -> range:
    first, _, last = numbers.partition("-")
    return range(int(first), int(last or first) + 1)
