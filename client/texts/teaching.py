"""Texts of the teacher's pages."""

from typing import Final

TEACHING: Final[dict[str, tuple[str, str]]] = {}
