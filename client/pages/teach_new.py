"""Forms for a new course, service or seminar."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import flet as ft

from client.context import Context
from client.formats import from_local
from client.operations import courses, seminars, services
from client.parts.actions import Attempts
from client.parts.forms import Form, text_field
from client.parts.layout import Controls, heading, panel, redraw
from client.screen import Screen

_CURRENCY = "SEK"


class _NewScreen(Screen):
    """Title, description and price, and what the kind of offer needs besides."""

    section = "teach"
    parent = "/teach"
    key = ""
    folder = ""
    # The fields that have a whole number, with the text of their label and what stands in them at first.
    numbers: ClassVar[dict[str, tuple[str, str]]] = {}

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        say = context.say
        self.attempts = Attempts(context)
        self._numbers = {"price_amount": ("price_kr", "0"), **self.numbers}
        self.fields = {
            "title": text_field(say("title"), max_length=120),
            **self.texts(),
            "description": text_field(say("description"), multiline=True, min_lines=4, max_lines=12),
            **{
                name: text_field(say(key), value=value, keyboard_type=ft.KeyboardType.NUMBER)
                for name, (key, value) in self._numbers.items()
            },
        }
        optional = frozenset({"description", "summary"})
        self.form = Form(context, self.fields, say("create"), self._create, optional=optional)

    def title(self) -> str:
        """What the page is called."""
        return self.context.say(self.key)

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [heading(self.title()), panel(self.form.control)]

    def texts(self) -> dict[str, ft.TextField]:
        """More fields below the title."""
        return {}

    async def make(self, values: dict[str, object]) -> UUID | None:
        """Create it, and answer its id; None where a field is wrong, which says so. Raises ApiProblem."""
        raise NotImplementedError

    def wrong(self, name: str, key: str) -> None:
        """Say what is wrong with a field."""
        self.fields[name].error = self.context.say(key)
        redraw(self.fields[name])

    async def _create(self) -> None:
        value = self.form.value
        wrong = [name for name in self._numbers if not value(name).isdecimal()]
        for name in wrong:
            self.wrong(name, "number_wanted")
        if wrong:
            return
        values: dict[str, object] = {name: value(name) for name in self.fields}
        values |= {name: int(value(name)) for name in self._numbers}
        values |= {"price_amount": int(value("price_amount")) * 100, "currency": _CURRENCY}
        made = await self.make(values)
        if made:
            self.context.tell(self.context.say("created"))
            self.context.go(f"/teach/{self.folder}/{made}")


class NewCourseScreen(_NewScreen):
    """A new course."""

    key, folder = "new_course", "courses"

    def texts(self) -> dict[str, ft.TextField]:
        """A summary for its card."""
        return {"summary": text_field(self.context.say("summary"), max_length=500)}

    async def make(self, values: dict[str, object]) -> UUID | None:
        """Create it, and answer its id. Raises ApiProblem."""
        return (await self.attempts.call(courses.CREATE, courses.CourseDraft.model_validate(values))).id


class NewServiceScreen(_NewScreen):
    """A new service."""

    key, folder = "new_service", "services"
    numbers: ClassVar[dict[str, tuple[str, str]]] = {"duration_minutes": ("duration", "60")}

    async def make(self, values: dict[str, object]) -> UUID | None:
        """Create it, and answer its id. Raises ApiProblem."""
        return (await self.attempts.call(services.CREATE, services.ServiceDraft.model_validate(values))).id


class NewSeminarScreen(_NewScreen):
    """A new seminar."""

    key, folder = "new_seminar", "seminars"
    numbers: ClassVar[dict[str, tuple[str, str]]] = {"length": ("length", "60"), "capacity": ("capacity", "20")}

    def texts(self) -> dict[str, ft.TextField]:
        """When it begins."""
        return {"starts_at": text_field(self.context.say("starts"))}

    async def make(self, values: dict[str, object]) -> UUID | None:
        """Create it, and answer its id; None where the time is wrong. Raises ApiProblem."""
        starts_at = from_local(self.form.value("starts_at"))
        if starts_at is None:
            self.wrong("starts_at", "time_wanted")
            return None
        ends_at = starts_at + timedelta(minutes=int(self.form.value("length")))
        times = {"starts_at": starts_at, "ends_at": ends_at}
        return (await self.attempts.call(seminars.CREATE, seminars.SeminarDraft.model_validate(values | times))).id
