"""A teacher's seminar: publish or cancel it, invite guests, see who booked and who came."""

from dataclasses import dataclass
from uuid import UUID

import flet as ft

from client.context import Context
from client.formats import local, span
from client.operations import seminars
from client.parts.actions import Attempts, action, link
from client.parts.forms import Form, email_field, text_field
from client.parts.layout import Controls, badge, heading, panel, small, spread
from client.screen import LoadedScreen

_MANY = {"limit": "100"}
_ANNOUNCED = {"published", "provisioned", "open"}


@dataclass(frozen=True, slots=True)
class _Seminar:
    seminar: seminars.SeminarOut
    participants: list[seminars.ParticipantOut]
    stays: list[seminars.StayOut]


class TeachSeminarScreen(LoadedScreen[_Seminar]):
    """One seminar of the teacher."""

    section = "teach"
    parent = "/teach"

    def __init__(self, context: Context, seminar_id: UUID) -> None:
        super().__init__(context)
        self._id = seminar_id
        self._attempts = Attempts(context)

    async def _fetch(self) -> _Seminar:
        call = self.context.api.call
        seminar = await call(seminars.GET, seminar_id=self._id)
        participants = await call(seminars.PARTICIPANTS, query=_MANY, seminar_id=self._id)
        stays = await call(seminars.ATTENDANCE, query=_MANY, seminar_id=self._id)
        return _Seminar(seminar, participants.items, stays.items)

    def _show(self, found: _Seminar) -> Controls:
        context, say, seminar = self.context, self.context.say, found.seminar
        state = badge(say(f"state_{seminar.state}"), warm=seminar.state in {"draft", "cancelled"})
        when = small(span(seminar.starts_at, seminar.ends_at, context.language))
        left = small(say("seats_left", count=seminar.seats_left))
        shown: Controls = [heading(seminar.title), spread(state, when, left)]
        if seminar.state == "draft":
            shown.append(spread(action(context, say("publish"), self._publish, icon=ft.Icons.ROCKET_LAUNCH_OUTLINED)))
        if seminar.state in _ANNOUNCED:
            shown.append(spread(link(context, say("join"), f"/seminars/{seminar.id}", icon=ft.Icons.VIDEOCAM)))
        shown += [self._participants(found), self._attendance(found)]
        if seminar.state in _ANNOUNCED:
            shown += [self._guests(), self._cancellation()]
        return shown

    async def _publish(self) -> None:
        await self._attempts.call(seminars.PUBLISH, seminar_id=self._id)
        self.context.tell(self.context.say("published"))
        await self._loader.load()

    def _participants(self, found: _Seminar) -> ft.Control:
        say = self.context.say
        rows: Controls = [
            ft.Row([ft.Text(one.display_name, expand=True), badge(say(f"seat_state.{one.state}"))])
            for one in found.participants
        ]
        return panel(heading(say("participants"), level=2), *(rows or [small(say("no_participants"))]))

    def _attendance(self, found: _Seminar) -> ft.Control:
        say = self.context.say
        rows: Controls = [
            ft.Row([ft.Text(one.display_name, expand=True), small(self._stay(one))]) for one in found.stays
        ]
        return panel(heading(say("attendance"), level=2), *(rows or [small(say("no_attendance"))]))

    def _stay(self, one: seminars.StayOut) -> str:
        start = f"{local(one.joined_at):%H:%M}"
        if one.left_at is None:
            return self.context.say("in_room", start=start)
        return self.context.say("stay_from_to", start=start, end=f"{local(one.left_at):%H:%M}")

    def _guests(self) -> ft.Control:
        context, say = self.context, self.context.say

        async def invite() -> None:
            email = form.value("email")
            await self._attempts.call(seminars.INVITE, seminars.NewGuest(email=email), seminar_id=self._id)
            form.say(say("guest_invited", email=email))

        form = Form(context, {"email": email_field(context)}, say("invite_guest"), invite)
        return panel(heading(say("invite_guest"), level=2), form.control)

    def _cancellation(self) -> ft.Control:
        context, say = self.context, self.context.say

        async def cancel() -> None:
            body = seminars.CancellationInput(reason=form.value("reason"))
            await self._attempts.call(seminars.CANCEL, body, seminar_id=self._id)
            context.tell(say("seminar_called_off"))
            await self._loader.load()

        reason = text_field(say("cancel_reason"), max_length=200)
        form = Form(context, {"reason": reason}, say("cancel_seminar"), cancel)
        return panel(heading(say("cancel_seminar"), level=2), form.control)
