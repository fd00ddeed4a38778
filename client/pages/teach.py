"""The teacher's start page: what they sell."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from uuid import UUID

import flet as ft

from client.api.base import Operation, Page
from client.context import Context
from client.operations import courses, seminars, services
from client.parts.actions import Weight, link
from client.parts.layout import Controls, badge, empty, heading, link_card, small
from client.parts.loader import Listing
from client.screen import Screen

_MINE = {"mine": "true"}


class _Offer(Protocol):
    """What courses, services and seminars have in common."""

    @property
    def id(self) -> UUID: ...
    @property
    def title(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def price_amount(self) -> int: ...
    @property
    def currency(self) -> str: ...


T = TypeVar("T")


class TeachScreen(Screen):
    """Three lists."""

    section = "teach"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._lists: list[tuple[str, str, Listing[Any]]] = [
            ("your_courses", "course", self._listing(courses.LIST, lambda one: self._card(one, "courses"))),
            ("your_seminars", "seminar", self._listing(seminars.LIST, lambda one: self._card(one, "seminars"))),
            ("your_services", "service", self._listing(services.LIST, lambda one: self._card(one, "services"))),
        ]

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [heading(self.title()), *(self._part(*one) for one in self._lists)]

    async def load(self) -> None:
        """Get what it shows."""
        for _, _, listing in self._lists:
            await listing.load()

    def _part(self, title: str, kind: str, listing: Listing[Any]) -> ft.Control:
        context = self.context
        new = link(context, context.say(f"new_{kind}"), f"/teach/new-{kind}", weight=Weight.OTHER, icon=ft.Icons.ADD)
        head = ft.Row([ft.Container(heading(context.say(title), level=2), expand=True), new])
        return ft.Column([head, listing.control], spacing=12, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

    def _listing(self, operation: Operation[Page[T]], card: Callable[[T], ft.Control]) -> Listing[T]:
        context = self.context

        async def fetch(query: dict[str, str]) -> Page[T]:
            return await context.api.call(operation, query={**_MINE, **query})

        return Listing(context, fetch, card, self._empty)

    def _card(self, one: _Offer, folder: str) -> ft.Control:
        context = self.context
        title = ft.Text(one.title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
        state = badge(context.say(f"state_{one.state}"), warm=one.state in {"draft", "cancelled"})
        price = small(context.price(one.price_amount, one.currency))
        path = f"/teach/{folder}/{one.id}"
        return link_card(context.later(lambda: context.page.push_route(path)), title, ft.Row([state, price]))

    def _empty(self) -> ft.Control:
        return empty(ft.Icons.DRAW_OUTLINED, self.context.say("nothing_yet"), self.context.say("nothing_yet_text"))
