"""Orders: the list, and one order that is followed live until access is there."""

import asyncio
from uuid import UUID

import flet as ft

from client.api.base import Page
from client.api.problems import ApiProblem
from client.api.streams import follow_order
from client.context import Context
from client.operations import orders
from client.parts.actions import Attempts, Weight, action, confirmed, link
from client.parts.layout import Controls, badge, empty, heading, link_card, notice, panel, redraw, small, spread
from client.parts.loader import Listing, Loader
from client.purchase import open_checkout
from client.screen import Screen

_ICONS = {
    "payable": ft.Icons.SCHEDULE,
    "delayed": ft.Icons.HOURGLASS_TOP,
    "failed": ft.Icons.CREDIT_CARD_OFF,
    "fulfilling": ft.Icons.HOURGLASS_TOP,
    "fulfilled": ft.Icons.CHECK_CIRCLE_OUTLINE,
    "disputed": ft.Icons.GAVEL,
    "checking": ft.Icons.MANAGE_SEARCH,
}
_PAYABLE = {"payable", "failed"}
_TROUBLE = {"failed", "disputed"}


class OrdersScreen(Screen):
    """The person's orders, newest first."""

    section = "orders"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._list = Listing(context, self._fetch, self._card, self._empty, columns=1)

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [heading(self.title()), self._list.control]

    async def load(self) -> None:
        """Get what it shows."""
        await self._list.load()

    async def _fetch(self, query: dict[str, str]) -> Page[orders.OrderOut]:
        return await self.context.api.call(orders.LIST, query=query)

    def _card(self, order: orders.OrderOut) -> ft.Control:
        context = self.context
        titles = ", ".join(item.title for item in order.items)
        state = context.say(f"situation.{order.situation}")
        row = ft.Row(
            [
                ft.Text(titles, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, expand=True),
                ft.Text(context.price(order.total_amount, order.currency), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        foot = spread(badge(state, warm=order.situation in _TROUBLE), small(context.day(order.created_at)))
        return link_card(context.later(lambda: context.page.push_route(f"/orders/{order.id}")), row, foot)

    def _empty(self) -> ft.Control:
        say = self.context.say
        button = link(self.context, say("find_course"), "/courses")
        return empty(ft.Icons.RECEIPT_LONG_OUTLINED, say("no_orders"), say("no_orders_text"), button)


class OrderScreen(Screen):
    """One order: what happens with it, its receipt, payment and refund."""

    section = "orders"
    parent = "/orders"

    def __init__(self, context: Context, order_id: UUID) -> None:
        super().__init__(context)
        self._id = order_id
        self._attempts = Attempts(context)
        self._loader = Loader(context, self._fetch, self._show)
        self._following: asyncio.Task[None] | None = None
        self._seen = ""
        self._pay_page = ""

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("order")

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [self._loader.control]

    async def load(self) -> None:
        """Get what it shows, and follow what happens."""
        await self._loader.load()
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    def leave(self) -> None:
        """Follow no longer."""
        if self._following:
            self._following.cancel()

    async def _follow(self) -> None:
        try:
            async for order in follow_order(self.context.api, self._id):
                if order.situation != self._seen:
                    await self._loader.load()
        except ApiProblem:
            # The page shows why by itself, with a button to try again.
            return

    async def _fetch(self) -> orders.OrderDetailOut:
        return await self.context.api.call(orders.GET, order_id=self._id)

    def _show(self, order: orders.OrderDetailOut) -> Controls:
        self._seen = order.situation
        say = self.context.say
        text = say(f"situation.{order.situation}.text", time=self.context.moment(order.expires_at))
        state = notice(
            say(f"situation.{order.situation}"),
            text,
            icon=_ICONS.get(order.situation, ft.Icons.INFO_OUTLINE),
            error=order.situation in _TROUBLE,
        )
        shown: Controls = [state]
        if order.situation in _PAYABLE:
            shown.append(self._payment(order))
        shown.append(self._receipt(order))
        if order.refunds:
            shown.append(self._refunds(order))
        return shown

    def _payment(self, order: orders.OrderDetailOut) -> ft.Control:
        context = self.context

        async def pay() -> None:
            self._pay_page = await open_checkout(context, order.id)
            # A browser may have blocked the window; this opens it without asking anybody.
            page_link.url, page_link.visible = self._pay_page, True
            hint.visible = True
            redraw(column)

        async def cancel() -> None:
            if await confirmed(context, context.say("cancel_order"), context.say("cancel_order_text"), label):
                await self._attempts.call(orders.CANCEL, order_id=order.id)
                context.tell(context.say("order_cancelled"))
                await self._loader.load()

        label = context.say("cancel_order")
        price = context.price(order.total_amount, order.currency)
        hint = small(context.say("pay_opened"))
        hint.visible = bool(self._pay_page)
        page_link = ft.TextButton(context.say("pay_page"), url=self._pay_page, visible=bool(self._pay_page))
        buttons = spread(
            action(context, context.say("pay", price=price), pay, icon=ft.Icons.LOCK_OUTLINE),
            page_link,
            action(context, label, cancel, weight=Weight.QUIET),
        )
        column = ft.Column([buttons, hint], spacing=10)
        return column

    def _receipt(self, order: orders.OrderDetailOut) -> ft.Control:
        context, say = self.context, self.context.say
        facts = [
            say("order_number", number=str(order.id)[:8]),
            say("ordered_at", time=context.moment(order.created_at)),
        ]
        facts += [say("paid_at", time=context.moment(order.paid_at))] if order.paid_at else []
        rows: Controls = [self._item(order, item) for item in order.items]
        total = self._sum(say("total"), context.price(order.total_amount, order.currency))
        back = (
            [self._sum(say("refunded_sum"), f"-{context.price(order.refunded_amount, order.currency)}")]
            if order.refunded_amount
            else []
        )
        name = say("receipt") if order.paid_at else say("order")
        return panel(heading(name, level=2), small(" · ".join(facts)), *rows, ft.Divider(height=1), total, *back)

    def _sum(self, label: str, amount: str) -> ft.Control:
        return ft.Row(
            [
                ft.Text(label, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, expand=True),
                ft.Text(amount, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
            ]
        )

    def _item(self, order: orders.OrderDetailOut, item: orders.OrderItemOut) -> ft.Control:
        context, say = self.context, self.context.say
        count = f"{item.quantity} × " if item.quantity > 1 else ""
        price = ft.Text(context.price(item.unit_amount * item.quantity, order.currency))
        lines: Controls = [ft.Row([ft.Text(count + item.title, expand=True), price])]
        path = _path(item)
        buttons: Controls = []
        if item.entitlement != "none" and path:
            buttons.append(link(context, say("open_it"), path, weight=Weight.OTHER))
        terms = next((one for one in order.refund_terms if one.item_id == item.id), None)
        if terms and terms.can_ask:
            buttons.append(self._refund_button(order, item, terms))
            if terms.until:
                lines.append(small(say("refund_until", day=context.day(terms.until))))
        if buttons:
            lines.append(spread(*buttons))
        return ft.Column(lines, spacing=8)

    def _refund_button(
        self, order: orders.OrderDetailOut, item: orders.OrderItemOut, terms: orders.RefundTermsOut
    ) -> ft.Control:
        context, say = self.context, self.context.say

        async def ask() -> None:
            price = context.price(terms.amount, order.currency)
            title = say("refund_title", title=item.title)
            if not await confirmed(context, title, say("refund_text", price=price), say("refund")):
                return
            await self._attempts.call(orders.REFUND, orders.RefundInput(items=[item.id]), order_id=order.id)
            context.tell(say("refund_asked"))
            await self._loader.load()
            self._follow_again()

        return action(context, say("refund"), ask, weight=Weight.QUIET)

    def _follow_again(self) -> None:
        self.leave()
        self._following = asyncio.create_task(self._follow())

    def _refunds(self, order: orders.OrderDetailOut) -> ft.Control:
        context = self.context
        rows: Controls = [
            ft.Row(
                [
                    ft.Text(context.price(one.amount, one.currency), expand=True),
                    badge(context.say(f"refund_state.{one.state}"), warm=one.state == "failed"),
                ]
            )
            for one in order.refunds
        ]
        return panel(heading(context.say("refunds"), level=2), *rows)


def _path(item: orders.OrderItemOut) -> str:
    """Where what was bought is used."""
    if item.course_id:
        return f"/my-courses/{item.course_id}"
    if item.seminar_id:
        return f"/seminars/{item.seminar_id}"
    return f"/services/{item.service_id}" if item.service_id else ""
