"""What a check finds."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["ok", "warning", "fault"]
Part = Literal["settings", "database", "broker", "processes", "stripe", "mail", "audit", "disk"]


class Check(BaseModel):
    """One thing that was looked at. No text has a secret."""

    model_config = ConfigDict(frozen=True)

    part: Part
    name: str
    level: Level
    meaning: str = Field(description="What was found, and what it means.")
    advice: str | None = Field(default=None, description="What to do; null when it is ok.")


Checks = Iterator[Check]


def ok(part: Part, name: str, meaning: str) -> Check:
    """It is as it should be."""
    return Check(part=part, name=name, level="ok", meaning=meaning)


def warning(part: Part, name: str, meaning: str, advice: str) -> Check:
    """It works, but not as well, or not in every case."""
    return Check(part=part, name=name, level="warning", meaning=meaning, advice=advice)


def fault(part: Part, name: str, meaning: str, advice: str) -> Check:
    """It does not work, or data can be lost."""
    return Check(part=part, name=name, level="fault", meaning=meaning, advice=advice)
