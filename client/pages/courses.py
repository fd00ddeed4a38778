"""Courses: on sale, one of them, the person's own, and their lessons."""

from dataclasses import dataclass
from uuid import UUID

import flet as ft

from client.api.base import Page
from client.context import Context
from client.operations import courses
from client.operations.orders import NewItem
from client.parts.actions import Attempts, Weight, action, link
from client.parts.layout import Controls, badge, empty, heading, link_card, panel, paragraph, small, spread
from client.parts.loader import Listing
from client.parts.offers import course_card, owned_card, picture
from client.purchase import Purchase
from client.screen import LoadedScreen, Screen

_ALL = {"limit": "100"}


class CoursesScreen(Screen):
    """The courses on sale."""

    section = "courses"
    public = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._list = Listing(context, self._fetch, lambda one: course_card(context, one), self._empty)

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [heading(self.title()), self._list.control]

    async def load(self) -> None:
        """Get what it shows."""
        await self._list.load()

    async def _fetch(self, query: dict[str, str]) -> Page[courses.CourseOut]:
        return await self.context.api.call(courses.LIST, query=query)

    def _empty(self) -> ft.Control:
        say = self.context.say
        return empty(ft.Icons.AUTO_STORIES_OUTLINED, say("no_courses"), say("no_courses_text"))


class OwnCoursesScreen(Screen):
    """The courses that the person has."""

    section = "my_courses"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._list = Listing(context, self._fetch, lambda one: owned_card(context, one), self._empty)

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [heading(self.title()), self._list.control]

    async def load(self) -> None:
        """Get what it shows."""
        await self._list.load()

    async def _fetch(self, query: dict[str, str]) -> Page[courses.OwnedCourseOut]:
        return await self.context.api.call(courses.ME_COURSES, query=query)

    def _empty(self) -> ft.Control:
        say = self.context.say
        button = link(self.context, say("find_course"), "/courses")
        return empty(ft.Icons.SCHOOL_OUTLINED, say("no_own_courses"), say("no_own_courses_text"), button)


@dataclass(frozen=True, slots=True)
class _Course:
    course: courses.CourseOut
    lessons: list[courses.LessonOutlineOut]

    @property
    def owned(self) -> bool:
        """Whether the person may read what is not a preview."""
        return any(one.open and not one.is_preview for one in self.lessons)


class CourseScreen(LoadedScreen[_Course]):
    """One course: what it is about, its lessons, and the way to buy it or to go on."""

    section = "courses"
    parent = "/courses"
    public = True

    def __init__(self, context: Context, course_id: UUID) -> None:
        super().__init__(context)
        self._id = course_id
        self._purchase = Purchase(context)

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("courses")

    async def _fetch(self) -> _Course:
        call = self.context.api.call
        course = await call(courses.GET, course_id=self._id)
        lessons = await call(courses.LESSONS_LIST, query=_ALL, course_id=self._id)
        return _Course(course, lessons.items)

    def _show(self, found: _Course) -> Controls:
        context, course = self.context, found.course
        shown: Controls = [picture(course, height=150), heading(course.title)]
        if course.summary:
            shown.append(paragraph(course.summary, soft=True))
        shown.append(self._offer(found))
        if course.description:
            shown += [heading(context.say("about_course"), level=2), paragraph(course.description)]
        return [*shown, *lesson_list(context, found.course.id, found.lessons, "/courses")]

    def _offer(self, found: _Course) -> ft.Control:
        context, course = self.context, found.course
        if found.owned:
            opened = link(context, context.say("open_course"), f"/my-courses/{course.id}")
            return spread(badge(context.say("yours")), opened)
        price = context.price(course.price_amount, course.currency)
        label = context.say("buy", price=price) if course.price_amount else context.say("get_free")
        item = NewItem(course_id=course.id)
        return spread(action(context, label, lambda: self._purchase.buy(item), icon=ft.Icons.SHOPPING_BAG_OUTLINED))


class OwnCourseScreen(CourseScreen):
    """A course of the person: its lessons, and how far they have come."""

    section = "my_courses"
    parent = "/my-courses"
    public = False

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("my_courses")

    def _show(self, found: _Course) -> Controls:
        done, count = sum(one.completed for one in found.lessons), len(found.lessons)
        bar = ft.ProgressBar(value=done / count if count else 0, bar_height=8, border_radius=4)
        text = self.context.say("progress", done=done, all=count)
        progress: Controls = [ft.Column([bar, small(text)], spacing=8)] if count else []
        following = next((one for one in found.lessons if not one.completed), None)
        if following and found.owned:
            path = f"/my-courses/{found.course.id}/lessons/{following.id}"
            progress.append(spread(link(self.context, self.context.say("go_on"), path, icon=ft.Icons.PLAY_ARROW)))
        head: Controls = [picture(found.course, height=150), heading(found.course.title), *progress]
        return [*head, *lesson_list(self.context, found.course.id, found.lessons, "/my-courses")]


class LessonScreen(LoadedScreen[tuple[courses.LessonOut, list[courses.LessonOutlineOut]]]):
    """One lesson with its contents."""

    section = "my_courses"
    # Previews are for everybody.
    public = True

    def __init__(self, context: Context, course_id: UUID, lesson_id: UUID) -> None:
        super().__init__(context)
        self._course, self._id = course_id, lesson_id
        self._base = "/my-courses" if (context.page.route or "").startswith("/my-courses") else "/courses"
        self.parent = f"{self._base}/{course_id}"
        self._attempts = Attempts(context)

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("lessons")

    async def _fetch(self) -> tuple[courses.LessonOut, list[courses.LessonOutlineOut]]:
        call = self.context.api.call
        lesson = await call(courses.LESSONS_GET, course_id=self._course, lesson_id=self._id)
        lessons = await call(courses.LESSONS_LIST, query=_ALL, course_id=self._course)
        return lesson, lessons.items

    def _show(self, found: tuple[courses.LessonOut, list[courses.LessonOutlineOut]]) -> Controls:
        lesson, lessons = found
        context = self.context
        number = next((index for index, one in enumerate(lessons) if one.id == lesson.id), 0)
        shown: Controls = [small(f"{number + 1} / {len(lessons)}"), heading(lesson.title)]
        if lesson.video_url:
            button = ft.FilledTonalButton(context.say("watch"), icon=ft.Icons.PLAY_CIRCLE, url=lesson.video_url)
            shown.append(spread(button))
        shown.append(panel(paragraph(lesson.body)))
        buttons: Controls = [self._mark(lessons[number])] if context.me and lessons else []
        around = [(number - 1, "previous_lesson"), (number + 1, "next_lesson")]
        for index, key in around:
            if 0 <= index < len(lessons) and lessons[index].open:
                path = f"{self._base}/{self._course}/lessons/{lessons[index].id}"
                buttons.append(link(context, context.say(key), path, weight=Weight.OTHER))
        return [*shown, spread(*buttons)]

    def _mark(self, outline: courses.LessonOutlineOut) -> ft.Control:
        context = self.context

        async def mark() -> None:
            operation = courses.LESSONS_REOPEN if outline.completed else courses.LESSONS_COMPLETE
            await self._attempts.call(operation, course_id=self._course, lesson_id=self._id)
            if not outline.completed:
                context.tell(context.say("completed"))
            await self._loader.load()

        if outline.completed:
            return action(context, context.say("reopen"), mark, weight=Weight.QUIET, icon=ft.Icons.CHECK_CIRCLE)
        return action(context, context.say("complete"), mark, icon=ft.Icons.CHECK)


def lesson_list(context: Context, course_id: UUID, lessons: list[courses.LessonOutlineOut], base: str) -> Controls:
    """The table of contents; what the person may read is a link."""
    head = heading(context.say("lessons"), level=2)
    if not lessons:
        return [head, empty(ft.Icons.MENU_BOOK_OUTLINED, context.say("no_lessons"), context.say("no_lessons_text"))]
    return [head, *(_lesson(context, f"{base}/{course_id}/lessons/{one.id}", one) for one in lessons)]


def _lesson(context: Context, path: str, lesson: courses.LessonOutlineOut) -> ft.Control:
    icon = ft.Icons.CHECK_CIRCLE if lesson.completed else ft.Icons.PLAY_CIRCLE_OUTLINE
    row = ft.Row(
        [
            ft.Icon(icon if lesson.open else ft.Icons.LOCK_OUTLINE, color=ft.Colors.PRIMARY if lesson.open else None),
            ft.Text(f"{lesson.position}. {lesson.title}", theme_style=ft.TextThemeStyle.TITLE_MEDIUM, expand=True),
            *([badge(context.say("preview"))] if lesson.is_preview else []),
            *([] if lesson.open else [small(context.say("locked"))]),
        ],
        spacing=14,
    )
    return link_card(context.later(lambda: context.page.push_route(path)), row) if lesson.open else panel(row)
