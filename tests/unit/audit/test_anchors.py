"""Anchors: what is signed, what is believed, and the folder that keeps them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.audit.anchors import Anchor, evidence, public_key, sign, stored_evidence
from core.gateways.anchor_folder import AnchorFolder
from core.ports.errors import GatewayRejected, GatewayUnavailable

KEY, OTHER_KEY = "1f" * 32, "2e" * 32
TRUSTED = {public_key(KEY)}
AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


def make(number: int, entries: int | None = None, key: str = KEY) -> Anchor:
    return sign(key, number, entries or 10 * number, bytes([number]) * 32, AT)


ANCHORS = [make(number) for number in (1, 2, 3)]


def fault(anchors: Sequence[Anchor], *, complete: bool = False) -> str | None:
    return evidence([anchor.line for anchor in anchors], TRUSTED, complete=complete).fault


def test_an_anchor_is_read_back_from_its_line() -> None:
    assert evidence([ANCHORS[0].line], TRUSTED).anchors == [ANCHORS[0]]


def test_the_public_key_is_that_of_rfc_8032() -> None:
    """Section 7.1, test 1."""
    key = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    assert public_key(key) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.mark.parametrize(
    "changed",
    [
        replace(ANCHORS[0], number=9),
        replace(ANCHORS[0], entries=9),
        replace(ANCHORS[0], hash=bytes(32)),
        replace(ANCHORS[0], at=AT + timedelta(seconds=1)),
        replace(ANCHORS[0], signature=bytes(64)),
    ],
)
def test_a_changed_anchor_is_not_believed(changed: Anchor) -> None:
    assert fault([changed]) == f"anchor {changed.number} is not what was signed"


def test_an_anchor_of_an_unknown_key_is_not_believed() -> None:
    assert fault([ANCHORS[0], make(2, key=OTHER_KEY)]) == "anchor 2 is signed by an unknown key"
    both = [ANCHORS[0].line, make(2, key=OTHER_KEY).line]
    assert len(evidence(both, TRUSTED | {public_key(OTHER_KEY)}).anchors) == 2


def test_a_missing_anchor_is_found_where_none_may_be_missing() -> None:
    gap = [ANCHORS[0], ANCHORS[2]]
    assert fault(gap, complete=True) == "anchor 2 is missing outside the database"
    assert fault(gap) is None


def test_two_anchors_of_one_number_are_not_believed() -> None:
    assert fault([ANCHORS[0], make(1, 11)]) == "there are two anchors with number 1"
    assert fault([ANCHORS[0], ANCHORS[0]]) is None


def test_anchors_that_cover_ever_more_entries_are_believed_alone() -> None:
    assert fault([ANCHORS[1], make(3, 20)]) == "anchor 3 covers no more entries than anchor 2"


def test_anchors_are_found_among_the_lines_of_emails() -> None:
    text = f"From: Aula\n\nKeep this email.\n  {ANCHORS[0].line}\n\nFrom: Aula\n{ANCHORS[1].line}"
    assert evidence([text], TRUSTED).anchors == ANCHORS[:2]


@pytest.mark.parametrize("line", ['{"anchor":1}', '{"anchor":1,', '{"anchor":"x","entries":1}'])
def test_half_a_line_is_a_fault(line: str) -> None:
    assert evidence([line], TRUSTED).fault == "a line that begins as an anchor is none"


def test_a_folder_keeps_each_anchor_once(tmp_path: Path) -> None:
    folder = AnchorFolder(str(tmp_path))
    for anchor in [*ANCHORS, *ANCHORS]:
        folder.put(anchor.number, anchor.line)
    assert stored_evidence(folder, TRUSTED).anchors == ANCHORS
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_refuses_another_anchor_of_a_number_that_it_has(tmp_path: Path) -> None:
    folder = AnchorFolder(str(tmp_path))
    folder.put(1, ANCHORS[0].line)
    with pytest.raises(GatewayRejected, match=r"another anchor of that number"):
        folder.put(1, make(1, 11).line)
    assert stored_evidence(folder, TRUSTED).anchors == ANCHORS[:1]


def test_a_folder_that_is_missing_is_unavailable_and_is_not_made(tmp_path: Path) -> None:
    folder = AnchorFolder(str(tmp_path / "mount"))
    with pytest.raises(GatewayUnavailable):
        folder.put(1, ANCHORS[0].line)
    found = stored_evidence(folder, TRUSTED)
    assert (found.anchors, (found.fault or "").startswith("the anchors' folder: ")) == ((), True)


def test_half_a_file_of_a_crash_is_no_anchor(tmp_path: Path) -> None:
    (tmp_path / "000000000001.part").write_text('{"anchor":1', encoding="utf-8")
    folder = AnchorFolder(str(tmp_path))
    assert stored_evidence(folder, TRUSTED) == evidence([], TRUSTED)
    folder.put(1, ANCHORS[0].line)
    assert stored_evidence(folder, TRUSTED).anchors == ANCHORS[:1]
