"""Buying: one order for one intent, however often a button is pressed or an answer is lost."""

from uuid import UUID

import flet as ft

from client.api.problems import ApiProblem
from client.context import Context
from client.operations import orders
from client.parts.actions import Attempts


class Purchase:
    """Places the orders of one page."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._attempts = Attempts(context)

    async def buy(self, item: orders.NewItem) -> None:
        """Order something, open its checkout, and show the order. Raises ApiProblem."""
        context = self._context
        if context.me is None:
            context.go_to_login()
            return
        try:
            order = await self._attempts.call(orders.PLACE, orders.NewOrder(items=[item]))
        except ApiProblem as problem:
            if problem.code != "order_open":
                raise
            # The person, or another window, has begun to buy it: go on there.
            context.tell_problem(problem)
            context.go(f"/orders/{problem.members['order_id']}")
            return
        context.go(f"/orders/{order.id}")
        if order.state == "pending":
            await open_checkout(context, order.id)


async def open_checkout(context: Context, order_id: UUID) -> str:
    """Open the payment page in a window of its own, and answer its address. Raises ApiProblem.

    Another request for the same order gets the same checkout, so that it cannot be paid twice.
    """
    body = orders.NewCheckout(order_id=order_id, ui_mode="hosted_page")
    checkout = await context.api.call(orders.CHECKOUTS_OPEN, body)
    url = checkout.url or ""
    await ft.UrlLauncher().launch_url(url, web_only_window_name="_blank")
    return url
