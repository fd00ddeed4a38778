"""The second factor on the profile: turned on with an authenticator app, and off again."""

import flet as ft

from client.context import Context
from client.operations import accounts
from client.parts.actions import Weight, action
from client.parts.forms import Form, password_field, text_field
from client.parts.layout import Controls, heading, panel, paragraph, redraw, small
from client.parts.loader import Loader
from client.theme import RADIUS


class FactorPanel:
    """Shows whether it is on, and leads through both ways."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._loader = Loader(context, self._fetch, self._show, skeletons=1)
        self.control = panel(heading(context.say("second_factor"), level=2), self._loader.control)

    async def load(self) -> None:
        """Get what it shows."""
        await self._loader.load()

    async def _fetch(self) -> accounts.FactorOut:
        return await self._context.api.call(accounts.TOTP_GET)

    def _show(self, factor: accounts.FactorOut) -> Controls:
        context = self._context
        if factor.confirmed_at is None:
            start = action(context, context.say("factor_start"), self._ask_password, weight=Weight.OTHER)
            return [paragraph(context.say("factor_off"), soft=True), ft.Row([start])]
        day = context.day(factor.confirmed_at)
        stop = action(context, context.say("factor_stop"), self._ask_to_stop, weight=Weight.OTHER)
        return [paragraph(context.say("factor_on", day=day, count=factor.recovery_codes), soft=True), ft.Row([stop])]

    async def _ask_password(self) -> None:
        context = self._context

        async def start() -> None:
            body = accounts.FactorStart(password=form.value("password"))
            self._show_secret(await context.api.call(accounts.TOTP_START, body))

        form = Form(context, {"password": password_field(context.say("password"))}, context.say("factor_start"), start)
        self._set([form.control])

    def _show_secret(self, started: accounts.StartedFactorOut) -> None:
        context = self._context

        async def confirm() -> None:
            codes = await context.api.call(accounts.TOTP_CONFIRM, accounts.FactorConfirmation(code=form.value("code")))
            self._show_codes(codes.recovery_codes)

        field = text_field(context.say("code"), keyboard_type=ft.KeyboardType.NUMBER)
        form = Form(context, {"code": field}, context.say("factor_confirm"), confirm)
        picture = ft.Container(
            ft.Image(started.qr, width=200, height=200), bgcolor="#ffffff", padding=10, border_radius=RADIUS
        )
        key = ft.Text(started.secret, selectable=True, theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
        self._set([paragraph(context.say("factor_scan")), ft.Row([picture]), key, form.control])

    def _show_codes(self, codes: list[str]) -> None:
        context = self._context
        shown = ft.Text("\n".join(codes), selectable=True, theme_style=ft.TextThemeStyle.BODY_LARGE)
        done = action(context, context.say("close"), self.load, weight=Weight.OTHER)
        self._set([small(context.say("recovery_codes")), shown, ft.Row([done])])

    async def _ask_to_stop(self) -> None:
        context = self._context
        fields = {
            "password": password_field(context.say("password")),
            "code": text_field(context.say("code")),
        }

        async def stop() -> None:
            body = accounts.FactorChange(password=form.value("password"), code=form.value("code"))
            await context.api.call(accounts.TOTP_TURN_OFF, body)
            context.tell(context.say("factor_stopped"))
            await self.load()

        form = Form(context, fields, context.say("factor_stop"), stop)
        self._set([form.control])

    def _set(self, controls: Controls) -> None:
        self._loader.control.controls = list(controls)
        redraw(self._loader.control)
