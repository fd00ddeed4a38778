"""Read server-sent events."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Event:
    """One event with data."""

    id: str
    name: str
    data: dict[str, Any]


def read_events(answer: httpx.Response) -> Iterator[Event]:
    """The events of a stream as they come, until it ends; comments and `retry` are left out."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if not line and "data" in fields:
            yield Event(fields["id"], fields["event"], json.loads(fields["data"]))
        if not line:
            fields = {}
        else:
            name, _, value = line.partition(": ")
            fields[name] = value
