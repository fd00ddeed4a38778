"""The person's data on the profile: calendar, archive, erasure."""

import flet as ft

from client.api.problems import ApiProblem
from client.api.transport import Request
from client.context import Context
from client.operations import accounts
from client.parts.actions import Attempts, Weight, action
from client.parts.forms import Form, password_field
from client.parts.layout import Controls, heading, panel, paragraph, redraw, spread
from client.parts.loader import Loader


class DataPanel:
    """What the person takes along, and the end of the account."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._attempts = Attempts(context)
        self._loader = Loader(context, self._fetch, self._show, skeletons=1)
        self._erasing = ft.Column(visible=False, spacing=14, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
        erase = action(context, context.say("erase"), self._ask_to_erase, weight=Weight.QUIET)
        title = heading(context.say("your_data"), level=2)
        self.control = panel(title, self._loader.control, ft.Row([erase]), self._erasing)

    async def load(self) -> None:
        """Get what it shows."""
        await self._loader.load()

    async def _fetch(self) -> accounts.ExportOut | None:
        try:
            return await self._context.api.call(accounts.ME_GET_EXPORT)
        except ApiProblem as problem:
            if problem.code == "not_found":
                return None
            raise

    def _show(self, export: accounts.ExportOut | None) -> Controls:
        context, say = self._context, self._context.say
        buttons: Controls = [
            action(context, say("calendar"), self._save_calendar, weight=Weight.OTHER, icon=ft.Icons.CALENDAR_MONTH),
        ]
        if export and export.state == "ready":
            icon = ft.Icons.DOWNLOAD
            buttons.append(action(context, say("export_ready"), self._save_export, weight=Weight.OTHER, icon=icon))
        else:
            icon = ft.Icons.INVENTORY_2_OUTLINED
            buttons.append(action(context, say("export"), self._ask_export, weight=Weight.OTHER, icon=icon))
        return [spread(*buttons)]

    async def _save_calendar(self) -> None:
        await self._save("/me/calendar.ics", "aula.ics", "calendar_saved")

    async def _save_export(self) -> None:
        await self._save("/me/export/archive", "aula.zip", "export_saved")

    async def _save(self, path: str, name: str, told: str) -> None:
        answer = await self._context.api.send(Request("GET", path, safe=True))
        await ft.FilePicker().save_file(file_name=name, src_bytes=answer.content)
        self._context.tell(self._context.say(told))

    async def _ask_export(self) -> None:
        await self._attempts.call(accounts.ME_EXPORT)
        self._context.tell(self._context.say("export_asked"))
        await self.load()

    async def _ask_to_erase(self) -> None:
        context = self._context
        fields = {"password": password_field(context.say("password"))}

        async def erase() -> None:
            await self._attempts.call(accounts.ME_ERASE, accounts.EraseInput(password=form.value("password")))
            await context.api.sign_out()
            context.me = None
            context.tell(context.say("erased"))
            context.go("/")

        form = Form(context, fields, context.say("erase"), erase)
        self._erasing.controls = [paragraph(context.say("erase_text"), soft=True), form.control]
        self._erasing.visible = True
        redraw(self._erasing)
