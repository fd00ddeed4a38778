"""Cards of what can be bought: courses, services, seminars."""

import flet as ft

from client.context import Context
from client.formats import span
from client.operations.courses import CourseOut, OwnedCourseOut
from client.operations.seminars import SeminarOut
from client.operations.services import ServiceOut
from client.parts.layout import Controls, badge, link_card, small

# Grounds of the pictures of courses, chosen by the course's id.
_GROUNDS = (
    ("#1f6f5c", "#9fc7b4"),
    ("#b4532a", "#efc9a6"),
    ("#3d5a80", "#a9c5dc"),
    ("#7a4e7e", "#d8bfd8"),
    ("#5f6f1f", "#d3d79a"),
)


def course_card(context: Context, course: CourseOut) -> ft.Control:
    """A course on sale."""
    price = context.price(course.price_amount, course.currency)
    lines = [_title(course.title), _summary(course.summary), _fact(price)]
    return _card(context, f"/courses/{course.id}", picture(course), *lines)


def owned_card(context: Context, owned: OwnedCourseOut) -> ft.Control:
    """A course of the person, with the progress."""
    course, done, lessons = owned.course, owned.lessons_completed, owned.lessons
    text = context.say("progress", done=done, all=lessons)
    if lessons and done == lessons:
        text = context.say("finished_course")
    bar = ft.ProgressBar(
        value=done / lessons if lessons else 0,
        bar_height=7,
        border_radius=4,
        color=ft.Colors.PRIMARY,
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
    )
    lines = [_title(course.title), _summary(course.summary), bar, small(text)]
    return _card(context, f"/my-courses/{course.id}", picture(course), *lines)


def service_card(context: Context, service: ServiceOut) -> ft.Control:
    """A service on sale."""
    price = context.price(service.price_amount, service.currency)
    minutes = context.say("minutes", count=service.duration_minutes)
    lines = [badge(minutes), _title(service.title), _summary(service.description), _fact(price)]
    return _card(context, f"/services/{service.id}", None, *lines)


def seminar_card(context: Context, seminar: SeminarOut, note: str = "") -> ft.Control:
    """A seminar to come; `note` says what the person has to do with it."""
    when = span(seminar.starts_at, seminar.ends_at, context.language)
    price = context.price(seminar.price_amount, seminar.currency)
    left = context.say("seats_left", count=seminar.seats_left) if seminar.seats_left else context.say("full")
    time = ft.Text(when, size=14, weight=ft.FontWeight.W_600, color=ft.Colors.TERTIARY)
    foot = badge(note) if note else _fact(f"{price} · {left}")
    about = [_summary(seminar.description)] if seminar.description else []
    lines = [time, _title(seminar.title), *about, foot]
    return _card(context, f"/seminars/{seminar.id}", None, *lines)


def picture(course: CourseOut, *, height: int = 104) -> ft.Control:
    """A ground of the course's own colours, with its first letter."""
    strong, soft = _GROUNDS[course.id.int % len(_GROUNDS)]
    letter = ft.Text(course.title[:1].upper(), theme_style=ft.TextThemeStyle.DISPLAY_SMALL, color="#ffffff")
    circle = ft.Container(width=height * 1.5, height=height * 1.5, bgcolor=soft, border_radius=height, opacity=0.28)
    stack = ft.Stack(
        [
            ft.Container(circle, right=-height * 0.4, top=-height * 0.55),
            ft.Container(letter, left=20, bottom=12),
        ]
    )
    ground = ft.Container(
        stack,
        height=height,
        bgcolor=strong,
        border_radius=14,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        margin=ft.Margin.only(bottom=6),
    )
    return ft.Semantics(content=ground, exclude_semantics=True)


def _card(context: Context, path: str, top: ft.Control | None, *lines: ft.Control) -> ft.Control:
    controls: Controls = [*([top] if top else []), *lines]
    return link_card(context.later(lambda: context.page.push_route(path)), *controls)


def _title(text: str) -> ft.Text:
    return ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_LARGE, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS)


def _summary(text: str) -> ft.Text:
    line = small(text)
    line.max_lines, line.overflow = 2, ft.TextOverflow.ELLIPSIS
    return line


def _fact(text: str) -> ft.Text:
    return ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
