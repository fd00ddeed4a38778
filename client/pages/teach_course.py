"""A teacher's course: publish it, take it off sale, change its texts, write its lessons."""

from uuid import UUID

import flet as ft

from client.context import Context
from client.operations import courses
from client.parts.actions import Attempts, Weight, action, confirmed
from client.parts.forms import Form, text_field
from client.parts.layout import Controls, badge, heading, panel, redraw, small, spread
from client.parts.loader import Loader
from client.screen import Screen

_OPTIONAL = frozenset({"summary", "description", "body", "video_url"})
_ALL = {"limit": "100"}


class TeachCourseScreen(Screen):
    """One course of the teacher."""

    section = "teach"
    parent = "/teach"

    def __init__(self, context: Context, course_id: UUID) -> None:
        super().__init__(context)
        self._id = course_id
        self._attempts = Attempts(context)
        self._loader = Loader(context, self._fetch, self._show)
        say = context.say
        self._preview = ft.Checkbox(label=say("lesson_preview"))
        self._lesson_fields = {
            "title": text_field(say("title"), max_length=120),
            "body": text_field(say("lesson_text"), multiline=True, min_lines=4, max_lines=14),
            "video_url": text_field(say("lesson_video"), keyboard_type=ft.KeyboardType.URL),
        }
        self._lesson_form = Form(
            context, self._lesson_fields, say("add_lesson"), self._add, optional=_OPTIONAL, extra=[self._preview]
        )

    def build(self) -> Controls:
        """Its controls, from the top."""
        add = panel(heading(self.context.say("add_lesson"), level=2), self._lesson_form.control)
        return [self._loader.control, add]

    async def load(self) -> None:
        """Get what it shows."""
        await self._loader.load()

    async def _fetch(self) -> tuple[courses.CourseOut, list[courses.LessonOutlineOut]]:
        call = self.context.api.call
        course = await call(courses.GET, course_id=self._id)
        return course, (await call(courses.LESSONS_LIST, query=_ALL, course_id=self._id)).items

    def _show(self, found: tuple[courses.CourseOut, list[courses.LessonOutlineOut]]) -> Controls:
        course, lessons = found
        context, say = self.context, self.context.say
        state = badge(say(f"state_{course.state}"), warm=course.state == "draft")
        head = spread(state, small(context.price(course.price_amount, course.currency)))
        rows: Controls = [self._lesson(one) for one in lessons] or [small(say("no_lessons"))]
        lesson_panel = panel(heading(say("lessons"), level=2), *rows)
        return [heading(course.title), head, spread(self._switch(course)), self._edit(course), lesson_panel]

    def _switch(self, course: courses.CourseOut) -> ft.Control:
        context, say = self.context, self.context.say

        async def publish() -> None:
            await self._attempts.call(courses.PUBLISH, course_id=self._id)
            context.tell(say("published"))
            await self._loader.load()

        async def archive() -> None:
            if await confirmed(context, say("archive"), say("archive_text"), say("archive")):
                await self._attempts.call(courses.ARCHIVE, course_id=self._id)
                context.tell(say("archived"))
                await self._loader.load()

        if course.state == "published":
            return action(context, say("archive"), archive, weight=Weight.OTHER)
        return action(context, say("publish"), publish, icon=ft.Icons.ROCKET_LAUNCH_OUTLINED)

    def _edit(self, course: courses.CourseOut) -> ft.Control:
        say = self.context.say
        fields = {
            "title": text_field(say("title"), value=course.title, max_length=120),
            "summary": text_field(say("summary"), value=course.summary, max_length=500),
            "description": text_field(
                say("description"), value=course.description, multiline=True, min_lines=3, max_lines=12
            ),
        }

        async def save() -> None:
            edit = courses.CourseEdit.model_validate({name: form.value(name) for name in fields})
            await self._attempts.call(courses.CHANGE, edit, course_id=self._id)
            form.say(say("saved"))

        form = Form(self.context, fields, say("save"), save, optional=_OPTIONAL)
        return panel(heading(say("edit"), level=2), form.control)

    def _lesson(self, lesson: courses.LessonOutlineOut) -> ft.Control:
        context, say = self.context, self.context.say

        async def delete() -> None:
            if await confirmed(context, say("delete_lesson"), lesson.title, say("delete")):
                await self._attempts.call(courses.LESSONS_DELETE, course_id=self._id, lesson_id=lesson.id)
                await self._loader.load()

        words = ft.Text(f"{lesson.position}. {lesson.title}", expand=True)
        preview = [badge(say("preview"))] if lesson.is_preview else []
        return ft.Row([words, *preview, action(context, say("delete"), delete, weight=Weight.QUIET)])

    async def _add(self) -> None:
        value = self._lesson_form.value
        values: dict[str, object] = {"title": value("title"), "body": value("body")}
        values |= {"video_url": value("video_url")} if value("video_url") else {}
        values |= {"is_preview": bool(self._preview.value)}
        await self._attempts.call(courses.LESSONS_ADD, courses.LessonDraft.model_validate(values), course_id=self._id)
        for field in self._lesson_fields.values():
            field.value = ""
        self._lesson_form.say(self.context.say("lesson_added"))
        redraw(self._lesson_form.control)
        await self._loader.load()
