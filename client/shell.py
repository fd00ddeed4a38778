"""The frame around each page: navigation at the bottom of a phone, at the side of anything wider."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flet as ft

from client.context import Context
from client.parts.layout import Controls
from client.screen import Screen
from client.theme import CONTENT_WIDTH, DESKTOP, FORM_WIDTH, TABLET

# On a phone, the destination from which these are reached.
_ON_PHONE = {"orders": "profile", "teach": "profile"}
# Pixels that a list is pulled down before it refreshes.
_PULL = 60


@dataclass(frozen=True, slots=True)
class Destination:
    """One entry of the navigation."""

    section: str
    path: str
    icon: ft.IconData
    selected: ft.IconData


HOME = Destination("home", "/", ft.Icons.HOME_OUTLINED, ft.Icons.HOME)
MINE = Destination("my_courses", "/my-courses", ft.Icons.SCHOOL_OUTLINED, ft.Icons.SCHOOL)
COURSES = Destination("courses", "/courses", ft.Icons.AUTO_STORIES_OUTLINED, ft.Icons.AUTO_STORIES)
SERVICES = Destination("services", "/services", ft.Icons.HANDSHAKE_OUTLINED, ft.Icons.HANDSHAKE)
SEMINARS = Destination("seminars", "/seminars", ft.Icons.VIDEOCAM_OUTLINED, ft.Icons.VIDEOCAM)
WALL = Destination("wall", "/wall", ft.Icons.FORUM_OUTLINED, ft.Icons.FORUM)
ORDERS = Destination("orders", "/orders", ft.Icons.RECEIPT_LONG_OUTLINED, ft.Icons.RECEIPT_LONG)
TEACH = Destination("teach", "/teach", ft.Icons.DRAW_OUTLINED, ft.Icons.DRAW)
PROFILE = Destination("profile", "/profile", ft.Icons.PERSON_OUTLINE, ft.Icons.PERSON)


def destinations(context: Context, *, phone: bool) -> Sequence[Destination]:
    """What the navigation offers. On a phone five fit; the rest is on Home and Profile."""
    if phone:
        return (HOME, MINE, SEMINARS, WALL, PROFILE)
    own = (MINE, ORDERS) if context.me else ()
    return (HOME, COURSES, SERVICES, SEMINARS, WALL, *own, *((TEACH,) if context.teaches else ()), PROFILE)


class Shell:
    """Shows one page at a time."""

    def __init__(self, context: Context, switch_theme: Callable[[], None], switch_language: Callable[[], None]) -> None:
        self._context = context
        self._switch_theme = switch_theme
        self._switch_language = switch_language
        self._screen: Screen | None = None
        self._built_width = 0.0
        self._refreshing = False

    def show(self, screen: Screen) -> None:
        """Replace what is shown, and load it."""
        if self._screen:
            self._screen.leave()
        self._screen = screen
        page = self._context.page
        page.title = f"{screen.title()} · Aula"
        page.views = [self._view(screen)]
        page.update()
        self._context.run(screen.load())

    def fit(self) -> None:
        """Draw the frame anew when the width has passed from one kind of device to another."""
        if self._screen and _kind(self._width) != _kind(self._built_width):
            self._context.rebuild()

    @property
    def _width(self) -> float:
        return self._context.page.width or TABLET

    def _view(self, screen: Screen) -> ft.View:
        self._built_width = self._width
        phone = self._width < TABLET
        body = self._body(screen, phone=phone)
        rail = [] if phone else [self._rail(screen), ft.VerticalDivider(width=1, color=ft.Colors.OUTLINE_VARIANT)]
        view = ft.View(
            route=self._context.page.route,
            controls=[ft.Row([*rail, body], expand=True, spacing=0, vertical_alignment=ft.CrossAxisAlignment.STRETCH)],
            appbar=self._app_bar(screen) if phone else None,
            navigation_bar=self._bar(screen) if phone and not screen.parent else None,
            padding=0,
            spacing=0,
            can_pop=not screen.parent,
        )
        if screen.parent:
            view.on_confirm_pop = self._go(screen.parent)
        return view

    def _body(self, screen: Screen, *, phone: bool) -> ft.Control:
        top: Controls = [] if phone else [self._top(screen)]
        content = ft.Column([*top, *screen.build()], spacing=22, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
        side = 18 if phone else 40
        held = ft.Container(
            content,
            width=min(self._width, FORM_WIDTH + 2 * side) if screen.narrow else CONTENT_WIDTH,
            padding=ft.Padding.only(left=side, right=side, top=10 if phone else 26, bottom=48),
        )
        return ft.Column(
            [held],
            expand=True,
            scroll=ft.ScrollMode.AUTO,
            on_scroll=self._on_scroll,
            scroll_interval=100,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        )

    def _top(self, screen: Screen) -> ft.Control:
        back = [self._back(screen.parent)] if screen.parent else []
        return ft.Row(
            [ft.Row(back, expand=True), *self._tools()], height=44, vertical_alignment=ft.CrossAxisAlignment.CENTER
        )

    def _app_bar(self, screen: Screen) -> ft.AppBar:
        brand = ft.Row([ft.Image("mark.svg", width=26, height=26, exclude_from_semantics=True), _brand()], spacing=9)
        return ft.AppBar(
            leading=self._back(screen.parent) if screen.parent else None,
            automatically_imply_leading=False,
            title=ft.Text(screen.title(), theme_style=ft.TextThemeStyle.TITLE_LARGE) if screen.parent else brand,
            actions=self._tools(),
            toolbar_height=58,
            force_material_transparency=True,
        )

    def _tools(self) -> Controls:
        say = self._context.say
        dark = is_dark(self._context.page)
        tools: Controls = [
            _icon(ft.Icons.REFRESH, say("refresh"), self._context.later(self._refresh)),
            ft.TextButton(say("language"), on_click=lambda _: self._switch_language()),
            _icon(
                ft.Icons.LIGHT_MODE_OUTLINED if dark else ft.Icons.DARK_MODE_OUTLINED,
                say("theme"),
                lambda _: self._switch_theme(),
            ),
        ]
        if not self._context.me:
            tools.append(ft.TextButton(say("log_in"), on_click=lambda _: self._context.go_to_login()))
        return tools

    def _back(self, path: str) -> ft.Control:
        return _icon(ft.Icons.ARROW_BACK, self._context.say("back"), self._go(path))

    def _bar(self, screen: Screen) -> ft.NavigationBar:
        shown = destinations(self._context, phone=True)
        return ft.NavigationBar(
            destinations=[
                ft.NavigationBarDestination(icon=one.icon, selected_icon=one.selected, label=self._label(one))
                for one in shown
            ],
            selected_index=_index(shown, _ON_PHONE.get(screen.section, screen.section)) or 0,
            on_change=lambda event: self._open(shown[int(event.data or 0)]),
            height=68,
        )

    def _rail(self, screen: Screen) -> ft.NavigationRail:
        shown = destinations(self._context, phone=False)
        wide = self._width >= DESKTOP
        label = 14.5 if wide else 12.5
        brand = ft.Row([ft.Image("mark.svg", width=32, height=32, exclude_from_semantics=True)], tight=True, spacing=11)
        brand.controls += [_brand()] if wide else []
        return ft.NavigationRail(
            destinations=[
                ft.NavigationRailDestination(icon=one.icon, selected_icon=one.selected, label=self._label(one))
                for one in shown
            ],
            selected_index=_index(shown, screen.section),
            extended=wide,
            min_extended_width=216,
            selected_label_text_style=ft.TextStyle(size=label, weight=ft.FontWeight.W_600, color=ft.Colors.ON_SURFACE),
            unselected_label_text_style=ft.TextStyle(size=label, color=ft.Colors.ON_SURFACE_VARIANT),
            label_type=None if wide else ft.NavigationRailLabelType.ALL,
            leading=ft.Container(brand, padding=ft.Padding.symmetric(vertical=18, horizontal=8)),
            on_change=lambda event: self._open(shown[int(event.data or 0)]),
            scrollable=True,
        )

    def _label(self, one: Destination) -> str:
        return self._context.say("log_in" if self._asks_to_log_in(one) else one.section)

    def _open(self, one: Destination) -> None:
        self._context.go("/login" if self._asks_to_log_in(one) else one.path)

    def _asks_to_log_in(self, one: Destination) -> bool:
        return one is PROFILE and self._context.me is None

    def _go(self, path: str) -> Callable[[ft.Event[Any]], Awaitable[None]]:
        return self._context.later(lambda: self._context.page.push_route(path))

    async def _on_scroll(self, event: ft.OnScrollEvent) -> None:
        pulled = event.overscroll or (min(0, event.pixels))
        if pulled > -_PULL or self._refreshing:
            return
        self._refreshing = True
        try:
            await self._refresh()
        finally:
            self._refreshing = False

    async def _refresh(self) -> None:
        if self._screen:
            await self._screen.load()


def is_dark(page: ft.Page) -> bool:
    """Whether the page is drawn on a dark ground now."""
    if page.theme_mode is ft.ThemeMode.SYSTEM:
        return page.platform_brightness is ft.Brightness.DARK
    return page.theme_mode is ft.ThemeMode.DARK


def _icon(icon: ft.IconData, name: str, on_click: Callable[[ft.Event[Any]], object]) -> ft.Control:
    """A button without a text; its tooltip is its name for screen readers."""
    return ft.MergeSemantics(ft.IconButton(icon, tooltip=name, on_click=on_click))


def _kind(width: float) -> int:
    return (width >= TABLET) + (width >= DESKTOP)


def _index(shown: Sequence[Destination], section: str) -> int | None:
    return next((number for number, one in enumerate(shown) if one.section == section), None)


def _brand() -> ft.Control:
    return ft.Text("Aula", weight=ft.FontWeight.W_600, size=22, color=ft.Colors.ON_SURFACE)
