"""Decode a signed body. Half a surrogate pair, a JSON escape, is allowed in fields that Aula does not read."""

import json
import re
from itertools import accumulate
from typing import Final, Never

import orjson

from core.problems import InputInvalid

# Levels. Stripe's events have about ten; the json module would raise RecursionError at some hundreds.
MAX_DEPTH: Final = 100
_STRING: Final = re.compile(r'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def decode_body(body: bytes) -> tuple[str, object]:
    """The body as text, and its JSON value. Raises InputInvalid when it is not UTF-8, not JSON or nested too deeply."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputInvalid("The body is not UTF-8.", field="body") from error
    # Most bodies have fewer brackets than the limit, which is quick to see.
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise InputInvalid(f"The body is nested deeper than {MAX_DEPTH} levels.", field="body")
    try:
        return text, orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return text, _decode_again(text, error)


def require_text(value: object, field: str) -> None:
    """Raise InputInvalid naming `field` when a string has half a surrogate pair: no database can store it."""
    if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
        raise InputInvalid(f"{field} has half a surrogate pair, which is not valid text.", field=field)


def _decode_again(text: str, refusal: orjson.JSONDecodeError) -> object:
    """Decode with the json module, which accepts half a surrogate pair; orjson does not."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise InputInvalid(f"The body is not JSON: {refusal}.", field="body") from error


def _refuse_constant(name: str) -> Never:
    # The json module accepts NaN and Infinity, which are not JSON.
    raise ValueError(name)


def _depth(text: str) -> int:
    """The deepest nesting of objects and arrays, in levels."""
    brackets = _BRACKET.findall(_STRING.sub("", text))
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0)
