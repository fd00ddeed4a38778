"""What every page of the app works with: the device's page, the API, the person, the language."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import flet as ft

from client.api.client import ApiClient
from client.api.problems import ApiProblem
from client.environment import Environment
from client.formats import Language, day, moment, money
from client.operations.accounts import ME_GET, ProfileOut
from client.texts import TEXTS, text_of

_SERVER_ERROR = 500


@dataclass(slots=True)
class Context:
    """One person's use of the app. `me` is None for a visitor."""

    page: ft.Page
    api: ApiClient
    environment: Environment
    language: Language = "sv"
    me: ProfileOut | None = None
    # Shows the current page anew, in another language or for another person.
    rebuild: Callable[[], None] = lambda: None

    @property
    def teaches(self) -> bool:
        """Whether the person may sell."""
        return self.me is not None and self.me.role in {"teacher", "admin"}

    def say(self, key: str, **values: object) -> str:
        """The text of a key in the person's language."""
        return text_of(key, self.language, **values)

    def price(self, amount: int, currency: str) -> str:
        """A price in words."""
        return money(amount, currency, self.language) if amount else self.say("free")

    def moment(self, time: datetime) -> str:
        """Day and time in words."""
        return moment(time, self.language)

    def day(self, time: datetime) -> str:
        """A date in words."""
        return day(time, self.language)

    def words(self, problem: ApiProblem) -> str:
        """What happened, and what to do."""
        key = f"problem.{problem.code}"
        if key in TEXTS:
            return self.say(key, seconds=round(problem.retry_after) or 60)
        if problem.status >= _SERVER_ERROR:
            return self.say("problem.unavailable")
        return problem.detail or self.say("problem.unexpected")

    def go(self, path: str) -> None:
        """Open another page of the app."""
        self.run(self.page.push_route(path))

    def go_to_login(self) -> None:
        """Ask to sign in, then come back to the current page."""
        here = self.page.route or "/"
        self.go("/login" if here.startswith("/login") else f"/login?next={quote(here, safe='/')}")

    def next_path(self) -> str:
        """Where the person wanted to go before signing in; never outside the app."""
        wanted = parse_qs(urlsplit(self.page.route or "").query).get("next", ["/"])[0]
        return wanted if wanted.startswith("/") and not wanted.startswith("//") else "/"

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that takes time; a problem is shown."""

        async def task() -> None:
            try:
                await work
            except ApiProblem as problem:
                self.tell_problem(problem)

        self.page.run_task(task)

    def later(self, work: Callable[[], Awaitable[object]]) -> Callable[[ft.Event[Any]], Awaitable[None]]:
        """A handler of events that does the work; a problem is shown."""

        async def handler(_event: ft.Event[Any]) -> None:
            try:
                await work()
            except ApiProblem as problem:
                self.tell_problem(problem)

        return handler

    def tell(self, text: str) -> None:
        """Show a short message, which a screen reader says."""
        spoken = ft.Semantics(content=ft.Text(text), live_region=True)
        self.page.show_dialog(ft.SnackBar(spoken, behavior=ft.SnackBarBehavior.FLOATING, show_close_icon=True))

    def tell_problem(self, problem: ApiProblem) -> None:
        """Show what went wrong."""
        self.tell(self.words(problem))

    async def load_me(self) -> None:
        """Read the person's account. Raises ApiProblem."""
        self.me = await self.api.call(ME_GET)
        self.language = self.me.locale
