"""Headings, cards, grids and notices."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import flet as ft

from client.theme import RADIUS

Controls = list[ft.Control]
Handler = Callable[[ft.Event[Any]], Awaitable[None]]


def redraw(control: ft.Control) -> None:
    """Draw a control anew, if it is still shown: the person may have left its page meanwhile."""
    with suppress(RuntimeError):
        control.update()


def heading(text: str, *, level: int = 1) -> ft.Control:
    """A heading that screen readers can jump to."""
    style = ft.TextThemeStyle.HEADLINE_MEDIUM if level == 1 else ft.TextThemeStyle.HEADLINE_SMALL
    return ft.Semantics(content=ft.Text(text, theme_style=style), header=True, heading_level=level)


def paragraph(text: str, *, soft: bool = False) -> ft.Text:
    """Running text."""
    colour = ft.Colors.ON_SURFACE_VARIANT if soft else None
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_LARGE, color=colour)


def small(text: str, *, color: ft.ColorValue | None = ft.Colors.ON_SURFACE_VARIANT) -> ft.Text:
    """A line of less weight."""
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_MEDIUM, color=color)


def panel(*controls: ft.Control, spacing: int = 12) -> ft.Container:
    """A card around controls."""
    column = ft.Column(list(controls), spacing=spacing, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Container(
        column,
        padding=22,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
        border_radius=RADIUS,
    )


def link_card(on_click: Handler, *controls: ft.Control) -> ft.Control:
    """A card that opens something: one button for screen readers and the keyboard."""
    card = panel(*controls, spacing=8)
    card.on_click = on_click
    card.ink = True
    return ft.MergeSemantics(card)


def grid(cards: Sequence[ft.Control], *, most: int = 3) -> ft.Control:
    """Cards beside each other: one on a phone, up to `most` on a desktop."""
    sizes: dict[str | ft.ResponsiveRowBreakpoint, ft.Number] = {"xs": 12, "md": 6, "xl": 12 // most}
    for card in cards:
        card.col = sizes
    return ft.ResponsiveRow(list(cards), spacing=16, run_spacing=16)


def badge(text: str, *, warm: bool = False) -> ft.Control:
    """A word on a coloured ground."""
    ground = ft.Colors.TERTIARY_CONTAINER if warm else ft.Colors.PRIMARY_CONTAINER
    ink = ft.Colors.ON_TERTIARY_CONTAINER if warm else ft.Colors.ON_PRIMARY_CONTAINER
    label = ft.Text(text, size=12.5, weight=ft.FontWeight.W_600, color=ink)
    box = ft.Container(label, padding=ft.Padding.symmetric(horizontal=10, vertical=4), bgcolor=ground, border_radius=99)
    return ft.Row([box], tight=True)


def notice(
    title: str,
    text: str = "",
    *,
    icon: ft.IconData = ft.Icons.INFO_OUTLINE,
    error: bool = False,
    action: ft.Control | None = None,
) -> ft.Control:
    """A message that stays, which a screen reader says when it appears."""
    ink = ft.Colors.ON_ERROR_CONTAINER if error else ft.Colors.ON_PRIMARY_CONTAINER
    ground = ft.Colors.ERROR_CONTAINER if error else ft.Colors.PRIMARY_CONTAINER
    lines: Controls = [ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, color=ink)]
    lines += [ft.Text(text, theme_style=ft.TextThemeStyle.BODY_MEDIUM, color=ink)] if text else []
    lines += [ft.Row([action])] if action else []
    row = ft.Row(
        [ft.Icon(icon, color=ink, size=22), ft.Column(lines, spacing=6, expand=True)],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=14,
    )
    box = ft.Container(row, padding=18, bgcolor=ground, border_radius=RADIUS)
    return ft.Semantics(content=box, live_region=True, container=True)


def empty(icon: ft.IconData, title: str, text: str, action: ft.Control | None = None) -> ft.Control:
    """What a list shows that has nothing."""
    mark = ft.Container(
        ft.Icon(icon, size=34, color=ft.Colors.PRIMARY),
        width=76,
        height=76,
        alignment=ft.Alignment.CENTER,
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        border_radius=38,
    )
    words = ft.Text(
        text,
        theme_style=ft.TextThemeStyle.BODY_LARGE,
        color=ft.Colors.ON_SURFACE_VARIANT,
        text_align=ft.TextAlign.CENTER,
    )
    head = ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_LARGE, text_align=ft.TextAlign.CENTER)
    column = ft.Column(
        [mark, head, ft.Container(words, width=420), *([action] if action else [])],
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        spacing=14,
    )
    return ft.Container(column, alignment=ft.Alignment.CENTER, padding=ft.Padding.symmetric(vertical=48, horizontal=16))


def spread(*controls: ft.Control) -> ft.Row:
    """Controls beside each other that wrap on a phone."""
    return ft.Row(list(controls), wrap=True, spacing=12, run_spacing=12)
