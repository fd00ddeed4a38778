"""Buttons that do something once, however often they are pressed."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

import flet as ft

from client.api.base import Model, Operation
from client.api.problems import ApiProblem
from client.api.transport import new_key
from client.context import Context
from client.parts.layout import redraw

T = TypeVar("T")
Work = Callable[[], Awaitable[object]]
Button = ft.FilledButton | ft.OutlinedButton | ft.TextButton


class Weight(Enum):
    """How much a button stands out."""

    MAIN = ft.FilledButton
    OTHER = ft.OutlinedButton
    QUIET = ft.TextButton


_STYLE = ft.ButtonStyle(
    padding=ft.Padding.symmetric(horizontal=22, vertical=16), shape=ft.RoundedRectangleBorder(radius=12)
)


def link(
    context: Context, label: str, path: str, *, weight: Weight = Weight.MAIN, icon: ft.IconData | None = None
) -> Button:
    """A button that opens a page of the app."""
    return action(context, label, lambda: context.page.push_route(path), weight=weight, icon=icon)


def action(
    context: Context,
    label: str,
    work: Work,
    *,
    weight: Weight = Weight.MAIN,
    icon: ft.IconData | None = None,
    on_problem: Callable[[ApiProblem], object] | None = None,
) -> Button:
    """A button that cannot be pressed again while its work runs. A problem is shown."""

    async def handler(_event: ft.Event[Any]) -> None:
        if button.disabled:
            return
        button.disabled = True
        redraw(button)
        try:
            await work()
        except ApiProblem as problem:
            (on_problem or context.tell_problem)(problem)
        finally:
            button.disabled = False
            redraw(button)

    style = _STYLE if weight is not Weight.QUIET else None
    button: Button = weight.value(label, icon=icon, on_click=handler, style=style)
    return button


class Attempts:
    """The idempotency keys of one control: a repetition whose first outcome is unknown gets the same key."""

    def __init__(self, context: Context) -> None:
        self._api = context.api
        self._unknown: dict[str, str] = {}

    async def call(self, operation: Operation[T], body: Model | None = None, **ids: UUID) -> T:
        """Call an operation. Raises ApiProblem."""
        intent = f"{operation.path} {ids} {body.model_dump_json() if body else ''}"
        key = self._unknown.setdefault(intent, new_key())
        try:
            answer = await self._api.call(operation, body, key=key, query=None, **ids)
        except ApiProblem as problem:
            if not problem.may_have_happened:
                del self._unknown[intent]
            raise
        del self._unknown[intent]
        return answer


async def confirmed(context: Context, title: str, text: str, label: str) -> bool:
    """Ask whether to go on."""
    answer = context.page.loop.create_future()

    def close(*, sure: bool) -> None:
        if not answer.done():
            answer.set_result(sure)
        context.page.pop_dialog()

    dialog = ft.AlertDialog(
        title=ft.Text(title),
        content=ft.Text(text),
        actions=[
            ft.TextButton(context.say("cancel"), on_click=lambda _: close(sure=False)),
            ft.FilledButton(label, on_click=lambda _: close(sure=True)),
        ],
        on_dismiss=lambda _: answer.done() or answer.set_result(False),
    )
    context.page.show_dialog(dialog)
    return bool(await answer)
