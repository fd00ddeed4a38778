"""Services: on sale, and one of them."""

from uuid import UUID

import flet as ft

from client.api.base import Page
from client.context import Context
from client.operations import services
from client.operations.orders import NewItem
from client.parts.actions import action
from client.parts.layout import Controls, badge, empty, heading, paragraph, small, spread
from client.parts.loader import Listing
from client.parts.offers import service_card
from client.purchase import Purchase
from client.screen import LoadedScreen, Screen


class ServicesScreen(Screen):
    """The services on sale."""

    section = "services"
    public = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._list = Listing(context, self._fetch, lambda one: service_card(context, one), self._empty)

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [heading(self.title()), self._list.control]

    async def load(self) -> None:
        """Get what it shows."""
        await self._list.load()

    async def _fetch(self, query: dict[str, str]) -> Page[services.ServiceOut]:
        return await self.context.api.call(services.LIST, query=query)

    def _empty(self) -> ft.Control:
        say = self.context.say
        return empty(ft.Icons.HANDSHAKE_OUTLINED, say("no_services"), say("no_services_text"))


class ServiceScreen(LoadedScreen[services.ServiceOut]):
    """One service, to be booked."""

    section = "services"
    parent = "/services"
    public = True

    def __init__(self, context: Context, service_id: UUID) -> None:
        super().__init__(context)
        self._id = service_id
        self._purchase = Purchase(context)

    async def _fetch(self) -> services.ServiceOut:
        return await self.context.api.call(services.GET, service_id=self._id)

    def _show(self, service: services.ServiceOut) -> Controls:
        context = self.context
        price = context.price(service.price_amount, service.currency)
        item = NewItem(service_id=service.id)
        label = f"{context.say('book')} · {price}"
        return [
            heading(service.title),
            spread(badge(context.say("minutes", count=service.duration_minutes)), small(price)),
            paragraph(service.description),
            spread(action(context, label, lambda: self._purchase.buy(item), icon=ft.Icons.EVENT_AVAILABLE)),
        ]
