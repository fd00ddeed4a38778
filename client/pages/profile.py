"""The profile: the account, its devices, the second factor, the person's data."""

import flet as ft

from client.context import Context
from client.operations import accounts
from client.pages.factor import FactorPanel
from client.pages.personal_data import DataPanel
from client.parts.actions import Attempts, Weight, action, link
from client.parts.forms import Form, password_field, text_field
from client.parts.layout import Controls, badge, heading, panel, redraw, small, spread
from client.parts.loader import Loader
from client.screen import Screen


class ProfileScreen(Screen):
    """Everything that belongs to the account."""

    section = "profile"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._attempts = Attempts(context)
        self._sessions = Loader(context, self._fetch_sessions, self._show_sessions, skeletons=1)
        self._factor = FactorPanel(context)
        self._data = DataPanel(context)
        me = context.me
        name = text_field(context.say("display_name"), value=me.display_name if me else "")
        self._account = Form(context, {"display_name": name}, context.say("save"), self._save)
        fields = {
            "current_password": password_field(context.say("current_password")),
            "password": password_field(context.say("new_password"), new=True),
        }
        self._password = Form(context, fields, context.say("change_password"), self._change_password)
        self._password_fields = fields

    def build(self) -> Controls:
        """Its controls, from the top."""
        say = self.context.say
        left = ft.Column([self._about(), self._password_panel(), self._sessions_panel()], spacing=18)
        right = ft.Column([self._links(), self._factor.control, self._data.control], spacing=18)
        for column in (left, right):
            column.col = {"xs": 12, "lg": 6}
            column.horizontal_alignment = ft.CrossAxisAlignment.STRETCH
        columns = ft.ResponsiveRow([left, right], spacing=18, run_spacing=18)
        out = action(self.context, say("log_out"), self._log_out, weight=Weight.OTHER, icon=ft.Icons.LOGOUT)
        return [heading(say("profile")), columns, spread(out)]

    async def load(self) -> None:
        """Get what it shows."""
        await self._sessions.load()
        await self._factor.load()
        await self._data.load()

    def _about(self) -> ft.Control:
        context, me = self.context, self.context.me
        if me is None:
            return panel()
        facts = spread(badge(context.say(f"role_{me.role}")), small(me.email))
        since = small(context.say("member_since", day=context.day(me.created_at)))
        return panel(heading(context.say("account"), level=2), facts, since, self._account.control)

    def _links(self) -> ft.Control:
        context = self.context
        paths = [("orders", "/orders"), ("services", "/services"), ("courses", "/courses")]
        paths += [("teach", "/teach")] if context.teaches else []
        inside = [link(context, context.say(key), path, weight=Weight.OTHER) for key, path in paths]
        prefix = context.environment.site_url + ("/en" if context.language == "en" else "")
        legal = [ft.TextButton(context.say(f"legal_{one}"), url=f"{prefix}/{one}") for one in ("privacy", "terms")]
        return panel(spread(*inside, *legal))

    def _password_panel(self) -> ft.Control:
        return panel(heading(self.context.say("change_password"), level=2), self._password.control)

    def _sessions_panel(self) -> ft.Control:
        others = action(self.context, self.context.say("end_others"), self._end_others, weight=Weight.OTHER)
        return panel(heading(self.context.say("sessions"), level=2), self._sessions.control, spread(others))

    async def _save(self) -> None:
        context = self.context
        body = accounts.ProfileEdit(display_name=self._account.value("display_name"), locale=context.language)
        context.me = await self._attempts.call(accounts.ME_CHANGE, body)
        self._account.say(context.say("saved"))

    async def _change_password(self) -> None:
        body = accounts.PasswordInput(
            current_password=self._password.value("current_password"), password=self._password.value("password")
        )
        await self.context.api.call(accounts.ME_CHANGE_PASSWORD, body)
        for field in self._password_fields.values():
            field.value = ""
        self._password.say(self.context.say("password_changed"))
        redraw(self._password.control)
        await self._sessions.load()

    async def _fetch_sessions(self) -> list[accounts.SessionOut]:
        return (await self.context.api.call(accounts.SESSIONS_LIST)).items

    def _show_sessions(self, sessions: list[accounts.SessionOut]) -> Controls:
        return [self._session(one) for one in sessions]

    def _session(self, one: accounts.SessionOut) -> ft.Control:
        context = self.context
        name = _program(one.user_agent) or context.say("unknown_device")
        used = small(f"{one.network} · {context.say('last_used', time=context.moment(one.used_at))}")
        words = ft.Column([ft.Text(name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM), used], spacing=2, expand=True)

        async def end() -> None:
            await context.api.call(accounts.SESSIONS_END, session_id=one.id)
            await self._sessions.load()

        if one.current:
            return ft.Row([words, badge(context.say("this_device"))])
        return ft.Row([words, action(context, context.say("end_session"), end, weight=Weight.QUIET)], wrap=False)

    async def _end_others(self) -> None:
        await self.context.api.call(accounts.SESSIONS_END_OTHERS)
        self.context.tell(self.context.say("others_ended"))
        await self._sessions.load()

    async def _log_out(self) -> None:
        context = self.context
        await context.api.sign_out()
        context.me = None
        context.tell(context.say("logged_out"))
        context.go("/login")


def _program(user_agent: str) -> str:
    """The name that a browser or an app is known by."""
    names = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "Aula", "curl", "python-httpx")
    known = {"Edg": "Edge", "OPR": "Opera", "python-httpx": "Python"}
    found = next((name for name in names if name in user_agent), "")
    return known.get(found, found)
