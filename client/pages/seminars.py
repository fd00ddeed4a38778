"""Seminars: those to come, one of them with the person's seat, and the way into its room."""

from collections.abc import Awaitable
from dataclasses import dataclass
from uuid import UUID

import flet as ft

from client.api.base import Page
from client.api.problems import ApiProblem
from client.context import Context
from client.formats import span
from client.operations import seminars
from client.operations.orders import NewItem
from client.parts.actions import Attempts, Weight, action, confirmed
from client.parts.layout import Controls, badge, empty, grid, heading, notice, paragraph, small, spread
from client.parts.loader import Listing, Loader
from client.parts.offers import seminar_card
from client.purchase import Purchase
from client.screen import LoadedScreen, Screen

_HELD = {"held", "confirmed", "offered", "waitlisted"}
_OVER = {"closed": "seminar_ended", "cancelled": "seminar_cancelled"}
_ENTERABLE = {"published", "provisioned", "open"}


class SeminarsScreen(Screen):
    """The person's seats, and the seminars to come."""

    section = "seminars"
    public = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._list = Listing(context, self._fetch, lambda one: seminar_card(context, one), self._empty)
        self._own = Loader(context, self._fetch_own, self._show_own, skeletons=1)

    def build(self) -> Controls:
        """Its controls, from the top."""
        coming = heading(self.context.say("coming"), level=2)
        own = [self._own.control] if self.context.me else []
        return [heading(self.title()), *own, coming, self._list.control]

    async def load(self) -> None:
        """Get what it shows."""
        if self.context.me:
            await self._own.load()
        await self._list.load()

    async def _fetch(self, query: dict[str, str]) -> Page[seminars.SeminarOut]:
        return await self.context.api.call(seminars.LIST, query=query)

    async def _fetch_own(self) -> list[seminars.OwnSeatOut]:
        page = await self.context.api.call(seminars.SEATS_LIST)
        return [one for one in page.items if one.seat.state in _HELD and one.seminar.state not in _OVER]

    def _show_own(self, seats: list[seminars.OwnSeatOut]) -> Controls:
        if not seats:
            return []
        cards = [seminar_card(self.context, one.seminar, seat_words(self.context, one.seat)) for one in seats]
        return [heading(self.context.say("your_seats"), level=2), grid(cards, most=2)]

    def _empty(self) -> ft.Control:
        say = self.context.say
        return empty(ft.Icons.VIDEOCAM_OUTLINED, say("no_seminars"), say("no_seminars_text"))


@dataclass(frozen=True, slots=True)
class _Seminar:
    seminar: seminars.SeminarOut
    seat: seminars.SeatOut | None


class SeminarScreen(LoadedScreen[_Seminar]):
    """One seminar: book, wait, give up, enter."""

    section = "seminars"
    parent = "/seminars"
    public = True

    def __init__(self, context: Context, seminar_id: UUID) -> None:
        super().__init__(context)
        self._id = seminar_id
        self._attempts = Attempts(context)
        self._purchase = Purchase(context)

    async def _fetch(self) -> _Seminar:
        call = self.context.api.call
        seminar = await call(seminars.GET, seminar_id=self._id)
        own = (await call(seminars.SEATS_LIST, query={"limit": "100"})).items if self.context.me else []
        seat = next((one.seat for one in own if one.seminar.id == self._id and one.seat.state in _HELD), None)
        return _Seminar(seminar, seat)

    def _show(self, found: _Seminar) -> Controls:
        context, seminar = self.context, found.seminar
        when = ft.Text(
            span(seminar.starts_at, seminar.ends_at, context.language),
            theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
            color=ft.Colors.TERTIARY,
        )
        shown: Controls = [when, heading(seminar.title), self._state(found)]
        if seminar.description:
            shown.append(paragraph(seminar.description))
        if found.seat:
            words = seat_words(context, found.seat)
            shown.append(notice(words, context.say("doors"), icon=ft.Icons.EVENT_SEAT_OUTLINED))
        return [*shown, spread(*self._actions(found))]

    def _state(self, found: _Seminar) -> ft.Control:
        context, seminar = self.context, found.seminar
        price = context.price(seminar.price_amount, seminar.currency)
        if seminar.state in _OVER:
            return spread(badge(context.say(_OVER[seminar.state]), warm=True))
        if not seminar.seats_left:
            return spread(badge(context.say("full"), warm=True), small(price))
        now = [badge(context.say("seminar_open"), warm=True)] if seminar.state == "open" else []
        return spread(*now, badge(context.say("seats_left", count=seminar.seats_left)), small(price))

    def _actions(self, found: _Seminar) -> Controls:
        context, seminar, seat = self.context, found.seminar, found.seat
        if seminar.state not in _ENTERABLE:
            return []
        leads = context.me is not None and context.me.id == seminar.teacher_id
        shown: Controls = []
        if leads or (seat and seat.state == "confirmed"):
            shown.append(action(context, context.say("join"), self._join, icon=ft.Icons.VIDEOCAM))
        if not leads and (seat is None or seat.state in {"offered", "held"}):
            shown.append(self._book(seminar, seat))
        if seat and seat.state != "held" and not (seat.state == "confirmed" and seat.source == "order"):
            shown.append(self._give_up(seat))
        return shown

    def _book(self, seminar: seminars.SeminarOut, seat: seminars.SeatOut | None) -> ft.Control:
        context = self.context
        item = NewItem(seminar_id=seminar.id)
        icon = ft.Icons.EVENT_SEAT_OUTLINED
        if not seminar.seats_left and seat is None:
            return action(context, context.say("join_waitlist"), self._wait, icon=ft.Icons.HOURGLASS_EMPTY)
        key = "take_seat" if seat else "buy_seat" if seminar.price_amount else "free_seat"

        async def buy() -> None:
            try:
                await self._purchase.buy(item)
            except ApiProblem as problem:
                # Somebody was faster: what is shown now has the waitlist.
                context.tell_problem(problem)
                await self._loader.load()

        return action(context, context.say(key), buy, icon=icon)

    async def _wait(self) -> None:
        if self.context.me is None:
            self.context.go_to_login()
            return
        await self._change(self._attempts.call(seminars.SEATS_WAIT, seminar_id=self._id), "waitlisted")

    async def _change(self, call: Awaitable[object], told: str) -> None:
        try:
            await call
            self.context.tell(self.context.say(told))
        finally:
            await self._loader.load()

    def _give_up(self, seat: seminars.SeatOut) -> ft.Control:
        context = self.context
        label = context.say("leave_waitlist" if seat.state == "waitlisted" else "give_up")

        async def give_up() -> None:
            if await confirmed(context, label, context.say("given_up_text"), label):
                await self._change(self._attempts.call(seminars.SEATS_GIVE_UP, seminar_id=self._id), "given_up")

        return action(context, label, give_up, weight=Weight.QUIET)

    async def _join(self) -> None:
        context = self.context
        # Not older than the page needs: the token is renewed if it has expired.
        await context.load_me()
        prefix = "/en" if context.language == "en" else ""
        # A fragment stays in the browser: it is in no request and no log.
        url = f"{context.environment.site_url}{prefix}/seminar/{self._id}#access_token={context.api.access_token}"
        await ft.UrlLauncher().launch_url(url, web_only_window_name="_blank")
        context.tell(context.say("seminar_opened"))


def seat_words(context: Context, seat: seminars.SeatOut) -> str:
    """What a seat is to its owner."""
    until = context.moment(seat.held_until) if seat.held_until else ""
    match seat.state:
        case "held":
            return context.say("seat_held", time=until)
        case "offered":
            return context.say("seat_offered", time=until)
        case "waitlisted":
            return context.say("seat_waiting")
        case _:
            return context.say("seat_confirmed")
