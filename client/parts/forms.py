"""Forms: fields with their errors beside them, sent once by button or Enter."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import flet as ft

from client.api.problems import ApiProblem
from client.context import Context
from client.parts.actions import action
from client.parts.layout import Controls, notice, redraw

Submit = Callable[[], Awaitable[object]]


def text_field(label: str, **options: Any) -> ft.TextField:  # noqa: ANN401 - the options of Flet
    """A field with the app's outline."""
    border = ft.OutlineInputBorder(border_radius=12, side=ft.BorderSide(1, ft.Colors.OUTLINE))
    focused = ft.OutlineInputBorder(border_radius=12, side=ft.BorderSide(2, ft.Colors.PRIMARY))
    borders: dict[ft.ControlState, ft.InputBorder] = {ft.ControlState.DEFAULT: border, ft.ControlState.FOCUSED: focused}
    return ft.TextField(label=label, border=borders, bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST, filled=True, **options)


def email_field(context: Context) -> ft.TextField:
    """A field for an email address."""
    return text_field(
        context.say("email"),
        keyboard_type=ft.KeyboardType.EMAIL,
        autofill_hints=[ft.AutofillHint.EMAIL, ft.AutofillHint.USERNAME],
        autocorrect=False,
    )


def password_field(label: str, *, new: bool = False) -> ft.TextField:
    """A field for a password, which can be shown."""
    hint = ft.AutofillHint.NEW_PASSWORD if new else ft.AutofillHint.PASSWORD
    return text_field(label, password=True, can_reveal_password=True, autofill_hints=[hint])


class Form:
    """Named fields, a button, and the problem of the last try."""

    def __init__(
        self,
        context: Context,
        fields: Mapping[str, ft.TextField],
        label: str,
        submit: Submit,
        *,
        optional: frozenset[str] = frozenset(),
        extra: Controls | None = None,
    ) -> None:
        self._context = context
        self._fields = fields
        self._optional = optional
        self._submit = submit
        self.problem = ft.Container(visible=False)
        self.button = action(context, label, self.send, on_problem=self.refuse)
        self.control = ft.AutofillGroup(
            ft.Column(
                [*fields.values(), *(extra or []), self.problem, self.button],
                spacing=16,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        )
        for field in fields.values():
            if not field.multiline:
                field.on_submit = self._on_enter

    def value(self, name: str) -> str:
        """What is written in a field, without the spaces around it."""
        return self._fields[name].value.strip()

    async def send(self) -> None:
        """Check the fields and submit. Raises ApiProblem."""
        self._clear()
        missing = [
            name for name, field in self._fields.items() if name not in self._optional and not field.value.strip()
        ]
        for name in missing:
            self._fields[name].error = self._context.say("required")
        redraw(self.control)
        if missing:
            await self._fields[missing[0]].focus()
            return
        await self._submit()

    def refuse(self, problem: ApiProblem) -> None:
        """Show a problem beside the field that it names, else above the button."""
        found = {name: text for name in self._fields if (text := problem.message_of(name))}
        for name, text in found.items():
            own = problem.code != "input_invalid"
            self._fields[name].error = self._context.words(problem) if own else text
        if not found:
            self.say(self._context.words(problem), error=True)
        redraw(self.control)

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a message above the button."""
        self.problem.content = notice(text, error=error, icon=ft.Icons.ERROR_OUTLINE if error else ft.Icons.CHECK)
        self.problem.visible = True
        redraw(self.problem)

    def _clear(self) -> None:
        self.problem.visible = False
        for field in self._fields.values():
            field.error = None

    async def _on_enter(self, event: ft.Event[Any]) -> None:
        handler: Any = self.button.on_click
        await handler(event)
