"""Where the refresh token is kept on each device."""

from typing import Any, cast

import flet as ft
from flet_secure_storage import SecureStorage  # pyright: ignore[reportMissingTypeStubs] # it has none

from client.api.tokens import TOKEN_KEY, MemoryStore, TokenStore
from client.environment import Environment


class SecureStore:
    """The device's store of secrets: Keychain, Android's Keystore, Windows' credentials, or the Secret Service."""

    def __init__(self) -> None:
        self._storage = SecureStorage()

    async def load(self) -> str | None:
        """The token; None if there is none."""
        found: Any = await self._storage.get(TOKEN_KEY)
        return cast("str | None", found)

    async def save(self, token: str) -> None:
        """Keep the token in place of an earlier one."""
        await self._storage.set(TOKEN_KEY, token)

    async def clear(self) -> None:
        """Forget the token."""
        await self._storage.remove(TOKEN_KEY)


class BrowserStore:
    """The browser's storage, which everyone who uses the browser can read: only for those who ask to stay."""

    def __init__(self) -> None:
        self._storage = ft.SharedPreferences()

    async def load(self) -> str | None:
        """The token; None if there is none."""
        found = await self._storage.get(TOKEN_KEY)
        return found if isinstance(found, str) else None

    async def save(self, token: str) -> None:
        """Keep the token in place of an earlier one."""
        await self._storage.set(TOKEN_KEY, token)

    async def clear(self) -> None:
        """Forget the token."""
        await self._storage.remove(TOKEN_KEY)


def kept_store(environment: Environment) -> TokenStore:
    """The store that outlives the app."""
    return SecureStore() if environment.keeps_secrets else BrowserStore()


def store_for(environment: Environment, *, stay: bool) -> TokenStore:
    """The store for somebody who stays signed in, or does not."""
    return kept_store(environment) if stay else MemoryStore()
