"""Stripe's form encoding: `line_items[0][price_data][currency]=sek` becomes nested objects and lists."""

import re
from typing import Any, cast
from urllib.parse import parse_qsl

from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_MAX_FIELDS = 2_000


def parse_form(text: str) -> Json:
    """Decode a form body or query string; raises `ApiError` for keys that do not nest."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise ApiError(f"Invalid request body: {error}") from error
    root: Json = {}
    for key, value in pairs:
        _insert(root, _path(key), value, key)
    return {name: _as_lists(value) for name, value in root.items()}


def _path(key: str) -> list[str]:
    match = _KEY.match(key)
    if match is None:
        raise ApiError(f"Invalid parameter name: {key}", param=key)
    return [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]


def _insert(root: Json, path: list[str], value: str, key: str) -> None:
    node = root
    for part in path[:-1]:
        child = node.setdefault(part or str(len(node)), {})
        if not isinstance(child, dict):
            raise ApiError(f"Invalid parameter name: {key}", param=key)
        node = cast("Json", child)
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise ApiError(f"Invalid parameter name: {key}", param=key)
    node[last] = value


def _as_lists(node: object) -> Any:  # noqa: ANN401 - a decoded JSON value is any of six types
    if not isinstance(node, dict):
        return node
    children = {name: _as_lists(value) for name, value in cast("Json", node).items()}
    if children and all(name.isdigit() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children
