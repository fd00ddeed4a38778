"""The wall: what teachers write; teachers write here themselves."""

import flet as ft

from client.api.base import Page
from client.context import Context
from client.operations import courses, posts
from client.parts.actions import Attempts, Weight, action, confirmed
from client.parts.forms import Form, text_field
from client.parts.layout import Controls, badge, empty, heading, panel, paragraph, redraw, small, spread
from client.parts.loader import Listing
from client.screen import Screen

_EVERYBODY = "everybody"


class WallScreen(Screen):
    """Posts, newest first."""

    section = "wall"
    public = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._attempts = Attempts(context)
        self._list = Listing(context, self._fetch, self._card, self._empty, columns=1)
        body = text_field(context.say("write_post"), multiline=True, min_lines=3, max_lines=10)
        self._audience = ft.Dropdown(
            label=context.say("audience"),
            value=_EVERYBODY,
            options=[ft.DropdownOption(key=_EVERYBODY, text=context.say("everybody"))],
            width=320,
        )
        self._form = Form(context, {"body": body}, context.say("post"), self._post, extra=[self._audience])
        self._body = body

    def build(self) -> Controls:
        """Its controls, from the top."""
        composer = [panel(self._form.control)] if self.context.teaches else []
        return [heading(self.title()), *composer, self._list.control]

    async def load(self) -> None:
        """Get what it shows."""
        await self._list.load()
        if self.context.teaches:
            own = await self.context.api.call(courses.LIST, query={"mine": "true", "limit": "100"})
            options = [ft.DropdownOption(key=str(one.id), text=one.title) for one in own.items]
            self._audience.options = [self._audience.options[0], *options]
            redraw(self._audience)

    async def _fetch(self, query: dict[str, str]) -> Page[posts.PostOut]:
        return await self.context.api.call(posts.LIST, query=query)

    def _card(self, post: posts.PostOut) -> ft.Control:
        context = self.context
        initial = ft.CircleAvatar(
            content=ft.Text(post.author_name[:1].upper()),
            bgcolor=ft.Colors.PRIMARY_CONTAINER,
            color=ft.Colors.ON_PRIMARY_CONTAINER,
        )
        who = ft.Column(
            [
                ft.Text(post.author_name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                small(context.moment(post.created_at)),
            ],
            spacing=0,
            expand=True,
        )
        head: Controls = [ft.Semantics(content=initial, exclude_semantics=True), who]
        lines: Controls = [ft.Row(head, spacing=14), paragraph(post.body)]
        if post.course_id:
            lines.append(badge(context.say("for_members")))
        if context.me and context.me.id == post.author_id:
            delete = action(context, context.say("delete"), lambda: self._delete(post), weight=Weight.QUIET)
            lines.append(spread(delete))
        return panel(*lines)

    def _empty(self) -> ft.Control:
        return empty(ft.Icons.FORUM_OUTLINED, self.context.say("wall_empty"), self.context.say("wall_empty_text"))

    async def _post(self) -> None:
        chosen = self._audience.value
        values = {"body": self._form.value("body")}
        values |= {"course_id": chosen} if chosen and chosen != _EVERYBODY else {}
        await self._attempts.call(posts.CREATE, posts.PostDraft.model_validate(values))
        self._body.value = ""
        redraw(self._body)
        self.context.tell(self.context.say("posted"))
        await self._list.load()

    async def _delete(self, post: posts.PostOut) -> None:
        say = self.context.say
        if await confirmed(self.context, say("delete_post"), say("delete_post_text"), say("delete")):
            await self._attempts.call(posts.DELETE, post_id=post.id)
            self.context.tell(say("post_deleted"))
            await self._list.load()
