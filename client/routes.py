"""Which page each route shows."""

import re
from typing import Final
from uuid import UUID

from client.pages.home import HomeScreen
from client.pages.sign_in import ForgotScreen, LoginScreen, RegisterScreen
from client.screen import Screen

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# A name in braces is an id, given to the page under that name.
SCREENS: Final[dict[str, type[Screen]]] = {
    "/": HomeScreen,
    "/login": LoginScreen,
    "/register": RegisterScreen,
    "/forgot": ForgotScreen,
}
_PATTERNS: Final = [
    (re.compile(re.sub(r"\\\{(\w+)\\\}", rf"(?P<\1>{_UUID})", re.escape(path))), screen)
    for path, screen in SCREENS.items()
]


def find(path: str) -> tuple[type[Screen], dict[str, UUID]] | None:
    """The page of a path and its ids; None if there is none."""
    wanted = path.rstrip("/").lower() or "/"
    for pattern, screen in _PATTERNS:
        if match := pattern.fullmatch(wanted):
            return screen, {name: UUID(value) for name, value in match.groupdict().items()}
    return None
