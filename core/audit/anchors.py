"""Anchors of the audit log: each states where the chain ends, signed by a key that the database does not have.

Ed25519: RFC 8032.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.ports.anchors import AnchorStore
from core.ports.errors import GatewayUnavailable

# No other document that the key may sign begins so.
_PREFIX: Final = b"aula audit anchor\n"
_LINE: Final = '{"anchor":'


@dataclass(frozen=True, slots=True)
class Anchor:
    """Anchor `number` states that the first `entries` of the chain end with `hash`; `key` is the public key."""

    number: int
    entries: int
    hash: bytes
    at: datetime
    key: str
    signature: bytes

    @property
    def line(self) -> str:
        """The anchor as one line of JSON, as it is kept and mailed."""
        signed = {"key": self.key, "signature": self.signature.hex()}
        return orjson.dumps({**_content(self.number, self.entries, self.hash, self.at), **signed}).decode()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Anchors from outside the database, in the order of their numbers; `fault` says why they cannot be believed."""

    anchors: Sequence[Anchor] = ()
    fault: str | None = None


def evidence(texts: Iterable[str], trusted: Collection[str], *, complete: bool = False) -> Evidence:
    """The anchors among the lines of texts, such as files or emails, checked; `complete`: none may be missing."""
    try:
        found = {anchor for text in texts for anchor in _read(text)}
    except (ValueError, KeyError, TypeError):
        return Evidence(fault="a line that begins as an anchor is none")
    anchors = sorted(found, key=lambda anchor: anchor.number)
    fault = fault_of(anchors, trusted) or (_gap_in(anchors) if complete else None)
    return Evidence((), fault) if fault else Evidence(anchors)


def stored_evidence(store: AnchorStore | None, trusted: Collection[str]) -> Evidence:
    """What a place that keeps every anchor has; nothing without a place."""
    if store is None:
        return Evidence()
    try:
        return evidence(store.read(), trusted, complete=True)
    except GatewayUnavailable as error:
        return Evidence(fault=str(error))


def public_key(key: str) -> str:
    """The public key, hex, of a private one, hex."""
    return _private(key).public_key().public_bytes_raw().hex()


def sign(key: str, number: int, entries: int, digest: bytes, at: datetime) -> Anchor:
    """The anchor of the first `entries`, which end with the hash `digest`."""
    signature = _private(key).sign(_signed(number, entries, digest, at))
    return Anchor(number, entries, digest, at, public_key(key), signature)


def fault_of(anchors: Sequence[Anchor], trusted: Collection[str]) -> str | None:
    """Why the anchors, in the order of their numbers, are not to be believed; None if they are."""
    for anchor in anchors:
        if anchor.key not in trusted:
            return f"anchor {anchor.number} is signed by an unknown key"
        if not _is_signed(anchor):
            return f"anchor {anchor.number} is not what was signed"
    for before, anchor in pairwise(anchors):
        if anchor.number == before.number:
            return f"there are two anchors with number {anchor.number}"
        if anchor.entries <= before.entries:
            return f"anchor {anchor.number} covers no more entries than anchor {before.number}"
    return None


def _gap_in(anchors: Sequence[Anchor]) -> str | None:
    for before, anchor in pairwise(anchors):
        if anchor.number != before.number + 1:
            return f"anchor {before.number + 1} is missing outside the database"
    return None


def _read(text: str) -> Iterator[Anchor]:
    for line in text.splitlines():
        if line.lstrip().startswith(_LINE):
            found: dict[str, Any] = orjson.loads(line)
            yield Anchor(
                int(found["anchor"]),
                int(found["entries"]),
                bytes.fromhex(found["hash"]),
                datetime.fromisoformat(found["at"]),
                str(found["key"]),
                bytes.fromhex(found["signature"]),
            )


def _is_signed(anchor: Anchor) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(anchor.key))
        key.verify(anchor.signature, _signed(anchor.number, anchor.entries, anchor.hash, anchor.at))
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))


def _signed(number: int, entries: int, digest: bytes, at: datetime) -> bytes:
    return _PREFIX + orjson.dumps(_content(number, entries, digest, at))


def _content(number: int, entries: int, digest: bytes, at: datetime) -> dict[str, object]:
    return {"anchor": number, "entries": entries, "hash": digest.hex(), "at": at.astimezone(UTC).isoformat()}
