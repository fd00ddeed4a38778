"""The refresh token: what it is called, and where it is kept."""

from typing import Final, Protocol

TOKEN_KEY: Final = "mvp_auth_token"  # noqa: S105 - the name of the token


class TokenStore(Protocol):
    """Keeps the refresh token of one person on the device."""

    async def load(self) -> str | None:
        """The token; None if there is none."""
        ...

    async def save(self, token: str) -> None:
        """Keep the token in place of an earlier one."""
        ...

    async def clear(self) -> None:
        """Forget the token."""
        ...


class MemoryStore:
    """Keeps the token until the app is closed."""

    def __init__(self) -> None:
        self._token: str | None = None

    async def load(self) -> str | None:
        """The token; None if there is none."""
        return self._token

    async def save(self, token: str) -> None:
        """Keep the token in place of an earlier one."""
        self._token = token

    async def clear(self) -> None:
        """Forget the token."""
        self._token = None
