"""A page of the app."""

from typing import Generic, TypeVar

from client.context import Context
from client.parts.layout import Controls
from client.parts.loader import Loader

T = TypeVar("T")


class Screen:
    """One page: built once, then loaded; loaded again when the person refreshes."""

    # The destination of the navigation that is marked.
    section = "home"
    # Where Back leads; empty for a destination of the navigation.
    parent = ""
    # Whether visitors may see it.
    public = False
    # Whether it is a form in a narrow column.
    narrow = False

    def __init__(self, context: Context) -> None:
        self.context = context

    def title(self) -> str:
        """What the page is called."""
        return self.context.say(self.section)

    def build(self) -> Controls:
        """Its controls, from the top."""
        raise NotImplementedError

    async def load(self) -> None:
        """Get what it shows. It is called again to refresh."""

    def leave(self) -> None:
        """The person goes to another page."""


class LoadedScreen(Screen, Generic[T]):
    """A page about one thing that is fetched and shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._loader = Loader(context, self._fetch, self._show)

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [self._loader.control]

    async def load(self) -> None:
        """Get what it shows."""
        await self._loader.load()

    async def _fetch(self) -> T:
        raise NotImplementedError

    def _show(self, found: T, /) -> Controls:
        raise NotImplementedError
