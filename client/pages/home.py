"""The start page: what to go on with, and what is new."""

import asyncio
from dataclasses import dataclass

import flet as ft

from client.context import Context
from client.operations import courses, seminars, services
from client.parts.actions import Weight, link
from client.parts.layout import Controls, grid, heading, paragraph, spread
from client.parts.loader import Loader
from client.parts.offers import course_card, owned_card, seminar_card, service_card
from client.screen import Screen
from client.theme import RADIUS, TABLET

_FEW = {"limit": "3"}


@dataclass(frozen=True, slots=True)
class _Found:
    own: list[courses.OwnedCourseOut]
    courses: list[courses.CourseOut]
    seminars: list[seminars.SeminarOut]
    services: list[services.ServiceOut]


class HomeScreen(Screen):
    """For visitors and for those who are signed in."""

    public = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._loader = Loader(context, self._fetch, self._show, skeletons=3)

    def build(self) -> Controls:
        """Its controls, from the top."""
        me = self.context.me
        top = heading(self.context.say("hello", name=me.display_name)) if me else self._hero()
        return [top, self._loader.control]

    async def load(self) -> None:
        """Get what it shows."""
        await self._loader.load()

    async def _fetch(self) -> _Found:
        call = self.context.api.call
        found = await asyncio.gather(
            call(courses.LIST, query=_FEW),
            call(seminars.LIST, query=_FEW),
            call(services.LIST, query=_FEW),
        )
        own = (await call(courses.ME_COURSES, query=_FEW)).items if self.context.me else []
        return _Found(own, found[0].items, found[1].items, found[2].items)

    def _show(self, found: _Found) -> Controls:
        context = self.context
        sections = [
            ("go_on", "/my-courses", [owned_card(context, one) for one in found.own]),
            ("next_seminars", "/seminars", [seminar_card(context, one) for one in found.seminars]),
            ("new_courses", "/courses", [course_card(context, one) for one in found.courses]),
            ("book_a_service", "/services", [service_card(context, one) for one in found.services]),
        ]
        return [self._section(title, path, cards) for title, path, cards in sections if cards]

    def _section(self, title: str, path: str, cards: Controls) -> ft.Control:
        head = ft.Row(
            [
                ft.Container(heading(self.context.say(title), level=2), expand=True),
                link(self.context, self.context.say("see_all"), path, weight=Weight.QUIET),
            ]
        )
        return ft.Column([head, grid(cards)], spacing=12, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

    def _hero(self) -> ft.Control:
        context = self.context
        size = 42 if (context.page.width or 0) >= TABLET else 33
        title = ft.TextStyle(
            weight=ft.FontWeight.W_600, size=size, height=1.15, letter_spacing=-0.6, color=ft.Colors.ON_SURFACE
        )
        words = ft.Column(
            [
                ft.Semantics(
                    content=ft.Text(context.say("hero"), style=title),
                    header=True,
                    heading_level=1,
                ),
                paragraph(context.say("hero_text"), soft=True),
                spread(
                    link(context, context.say("find_course"), "/courses"),
                    link(context, context.say("register"), "/register", weight=Weight.OTHER),
                ),
            ],
            spacing=18,
        )
        words.col = {"xs": 12, "md": 6}
        picture = ft.Container(
            ft.Image("hero.svg", fit=ft.BoxFit.COVER, exclude_from_semantics=True),
            border_radius=RADIUS + 6,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
            col={"xs": 12, "md": 6},
        )
        return ft.ResponsiveRow(
            [words, picture], spacing=32, run_spacing=24, vertical_alignment=ft.CrossAxisAlignment.CENTER
        )
