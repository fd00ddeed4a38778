"""Content from the API: a skeleton, then the content, or the problem and a way to try again."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import flet as ft

from client.api.base import Page
from client.api.problems import ApiProblem, SessionEnded
from client.context import Context
from client.parts.actions import Weight, action
from client.parts.layout import Controls, grid, notice, redraw
from client.theme import RADIUS

T = TypeVar("T")


class Loader(Generic[T]):
    """One thing that is fetched and shown."""

    def __init__(
        self, context: Context, fetch: Callable[[], Awaitable[T]], show: Callable[[T], Controls], *, skeletons: int = 2
    ) -> None:
        self._context = context
        self._fetch = fetch
        self._show = show
        self._skeletons = skeletons
        self.control = ft.Column(spacing=18, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

    async def load(self) -> None:
        """Fetch and show. What is shown already stays until then."""
        if not self.control.controls:
            self._set([_skeleton(self._context, self._skeletons)])
        try:
            self._set(self._show(await self._fetch()))
        except SessionEnded:
            # The app asks to sign in.
            return
        except ApiProblem as problem:
            again = action(self._context, self._context.say("try_again"), self.load, weight=Weight.OTHER)
            title = self._context.say("load_failed")
            self._set([notice(title, self._context.words(problem), icon=ft.Icons.CLOUD_OFF, error=True, action=again)])

    def _set(self, controls: Controls) -> None:
        self.control.controls = list(controls)
        redraw(self.control)


class Listing(Generic[T]):
    """A list in pages: cards, a button for more, or what is said of an empty list."""

    def __init__(
        self,
        context: Context,
        fetch: Callable[[dict[str, str]], Awaitable[Page[T]]],
        card: Callable[[T], ft.Control],
        empty: Callable[[], ft.Control],
        *,
        columns: int = 3,
    ) -> None:
        self._context = context
        self._fetch = fetch
        self._card = card
        self._empty = empty
        self._columns = columns
        self._items: list[T] = []
        self._cursor: str | None = None
        self._loader = Loader(context, self._first, self._show, skeletons=3)
        self.control = self._loader.control

    async def load(self) -> None:
        """Fetch the first page and show it."""
        await self._loader.load()

    async def _first(self) -> list[T]:
        page = await self._fetch({})
        self._items, self._cursor = list(page.items), page.next_cursor
        return self._items

    async def _more(self) -> None:
        page = await self._fetch({"cursor": self._cursor or ""})
        self._items, self._cursor = [*self._items, *page.items], page.next_cursor
        self.control.controls = self._show(self._items)
        redraw(self.control)

    def _show(self, items: list[T]) -> Controls:
        if not items:
            return [self._empty()]
        cards = [self._card(item) for item in items]
        shown: Controls = [grid(cards, most=self._columns)] if self._columns > 1 else list(cards)
        if self._cursor:
            label = self._context.say("show_more")
            shown.append(ft.Row([action(self._context, label, self._more, weight=Weight.OTHER)]))
        return shown


def _skeleton(context: Context, count: int) -> ft.Control:
    boxes: list[ft.Control] = [
        ft.Container(height=128, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH, border_radius=RADIUS) for _ in range(count)
    ]
    shimmer = ft.Shimmer(
        grid(boxes),
        base_color=ft.Colors.SURFACE_CONTAINER_HIGH,
        highlight_color=ft.Colors.SURFACE_CONTAINER_LOWEST,
    )
    return ft.Semantics(content=shimmer, label=context.say("loading"), live_region=True)
