"""The look: the colours of the public site on Material 3, in light and dark."""

import flet as ft

# Widths in logical pixels: below the first a phone, from the second on a desktop.
TABLET, DESKTOP = 720, 1120
# The widest that text and cards become.
CONTENT_WIDTH = 1080
FORM_WIDTH = 440
RADIUS = 18

_LIGHT = ft.ColorScheme(
    primary="#1f6f5c",
    on_primary="#ffffff",
    primary_container="#e3f1ec",
    on_primary_container="#0f3d32",
    secondary="#566469",
    on_secondary="#ffffff",
    secondary_container="#efe8da",
    on_secondary_container="#1f2a2e",
    tertiary="#b4532a",
    on_tertiary="#ffffff",
    tertiary_container="#fbe6da",
    on_tertiary_container="#5c2408",
    error="#b3261e",
    on_error="#ffffff",
    error_container="#fbe4e2",
    on_error_container="#601410",
    surface="#f7f4ee",
    on_surface="#1f2a2e",
    on_surface_variant="#566469",
    surface_container_lowest="#ffffff",
    surface_container_low="#ffffff",
    surface_container="#ffffff",
    surface_container_high="#f2ede3",
    surface_container_highest="#efe8da",
    outline="#8b969a",
    outline_variant="#e4ded2",
    inverse_surface="#1f2a2e",
    on_inverse_surface="#f7f4ee",
    inverse_primary="#7fd3bb",
    surface_tint="#f7f4ee",
)
_DARK = ft.ColorScheme(
    primary="#7fd3bb",
    on_primary="#0d2a22",
    primary_container="#1b3a33",
    on_primary_container="#c5efe2",
    secondary="#a3b3b4",
    on_secondary="#12171a",
    secondary_container="#20282b",
    on_secondary_container="#eef2f1",
    tertiary="#f0a47e",
    on_tertiary="#4a1d06",
    tertiary_container="#45291b",
    on_tertiary_container="#ffdccb",
    error="#f2b8b5",
    on_error="#601410",
    error_container="#4b2220",
    on_error_container="#f9dedc",
    surface="#12171a",
    on_surface="#eef2f1",
    on_surface_variant="#a3b3b4",
    surface_container_lowest="#1b2225",
    surface_container_low="#1b2225",
    surface_container="#1b2225",
    surface_container_high="#232c30",
    surface_container_highest="#2a3438",
    outline="#71807f",
    outline_variant="#2d373b",
    inverse_surface="#eef2f1",
    on_inverse_surface="#12171a",
    inverse_primary="#1f6f5c",
    surface_tint="#12171a",
)


def light() -> ft.Theme:
    """The theme of a light device."""
    return _theme(_LIGHT)


def dark() -> ft.Theme:
    """The theme of a dark device."""
    return _theme(_DARK)


def _theme(colours: ft.ColorScheme) -> ft.Theme:
    return ft.Theme(
        color_scheme=colours,
        use_material3=True,
        scaffold_bgcolor=colours.surface,
        text_theme=_texts(colours.on_surface),
        appbar_theme=ft.AppBarTheme(bgcolor=colours.surface, color=colours.on_surface, elevation=0),
        navigation_bar_theme=ft.NavigationBarTheme(
            bgcolor=colours.surface_container_lowest, indicator_color=colours.primary_container
        ),
        navigation_rail_theme=ft.NavigationRailTheme(
            bgcolor=colours.surface, indicator_color=colours.primary_container
        ),
        snackbar_theme=ft.SnackBarTheme(bgcolor=colours.inverse_surface),
        divider_color=colours.outline_variant,
    )


def _texts(ink: ft.ColorValue | None) -> ft.TextTheme:
    strong = ft.FontWeight.W_600
    return ft.TextTheme(
        display_small=ft.TextStyle(weight=ft.FontWeight.W_600, size=38, height=1.15, letter_spacing=-0.6, color=ink),
        headline_medium=ft.TextStyle(weight=ft.FontWeight.W_600, size=30, height=1.2, letter_spacing=-0.4, color=ink),
        headline_small=ft.TextStyle(weight=ft.FontWeight.W_600, size=23, height=1.25, letter_spacing=-0.2, color=ink),
        title_large=ft.TextStyle(weight=ft.FontWeight.W_600, size=20, height=1.3, color=ink),
        title_medium=ft.TextStyle(size=16, weight=strong, height=1.35, color=ink),
        body_large=ft.TextStyle(size=16, height=1.6, color=ink),
        body_medium=ft.TextStyle(size=14.5, height=1.5, color=ink),
        body_small=ft.TextStyle(size=13, height=1.45, color=ink),
        label_large=ft.TextStyle(size=15, weight=strong),
    )
