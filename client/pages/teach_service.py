"""A teacher's service: publish it, or take it off sale."""

from uuid import UUID

import flet as ft

from client.context import Context
from client.operations import services
from client.parts.actions import Attempts, Weight, action, confirmed
from client.parts.layout import Controls, badge, heading, paragraph, small, spread
from client.screen import LoadedScreen


class TeachServiceScreen(LoadedScreen[services.ServiceOut]):
    """One service of the teacher."""

    section = "teach"
    parent = "/teach"

    def __init__(self, context: Context, service_id: UUID) -> None:
        super().__init__(context)
        self._id = service_id
        self._attempts = Attempts(context)

    async def _fetch(self) -> services.ServiceOut:
        return await self.context.api.call(services.GET, service_id=self._id)

    def _show(self, service: services.ServiceOut) -> Controls:
        context, say = self.context, self.context.say

        async def publish() -> None:
            await self._attempts.call(services.PUBLISH, service_id=self._id)
            context.tell(say("published"))
            await self._loader.load()

        async def archive() -> None:
            if await confirmed(context, say("archive"), say("archive_text"), say("archive")):
                await self._attempts.call(services.ARCHIVE, service_id=self._id)
                context.tell(say("archived"))
                await self._loader.load()

        state = badge(say(f"state_{service.state}"), warm=service.state == "draft")
        facts = [say("minutes", count=service.duration_minutes), context.price(service.price_amount, service.currency)]
        if service.state == "published":
            switch = action(context, say("archive"), archive, weight=Weight.OTHER)
        else:
            switch = action(context, say("publish"), publish, icon=ft.Icons.ROCKET_LAUNCH_OUTLINED)
        head = spread(state, small(" · ".join(facts)))
        return [heading(service.title), head, paragraph(service.description), spread(switch)]
