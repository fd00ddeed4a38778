"""What pages of other origins may do in a browser (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from collections.abc import Sequence
from typing import Final, TypedDict

# Seconds that a browser remembers the answer to its question; Chromium keeps none longer.
_REMEMBERED: Final = 7200


class CrossOrigin(TypedDict):
    """The arguments of Starlette's middleware."""

    allow_origins: Sequence[str]
    allow_methods: Sequence[str]
    allow_headers: Sequence[str]
    expose_headers: Sequence[str]
    max_age: int


def cross_origin(origins: Sequence[str]) -> CrossOrigin:
    """Pages of these origins may call every endpoint with a token; there are no cookies to send."""
    return {
        "allow_origins": origins,
        "allow_methods": ("GET", "POST", "PATCH", "PUT", "DELETE"),
        "allow_headers": ("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"),
        "expose_headers": ("Location", "Retry-After", "X-Request-Id", "Idempotent-Replayed"),
        "max_age": _REMEMBERED,
    }
