"""The buyers: each has an account of their own and makes one purchase over HTTP."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TypeVar

import httpx

from scripts.drill.waiting import wait_until
from scripts.run.environment import Environment
from scripts.run.errors import RequestFailedError
from scripts.run.purchase import Purchase
from scripts.seed import DemoOffers

T = TypeVar("T")

# Buyers that act at the same time.
_AT_ONCE = 8


class Buyers:
    """All purchases of the drill. The early half opens its checkouts before Stripe fails, the late half afterwards.

    Of the early half one pays unreadably, one a wrong amount; some of the others pay while the worker runs, the rest
    when it is dead.
    """

    def __init__(self, environment: Environment, offers: DemoOffers, client: httpx.Client, count: int) -> None:
        self.all: Sequence[Purchase] = [Purchase(environment, offers, client) for _ in range(count)]
        self._early, self.late = self.all[: count // 2], self.all[count // 2 :]
        self.unreadable, self.wrong_amount, *others = self._early
        self.with_worker, self.without_worker = others[: len(others) // 2], others[len(others) // 2 :]

    def order(self) -> str:
        """Create the accounts and place the orders."""
        _side_by_side(_order, self.all)
        return f"{len(self.all)} accounts, {len(self.all)} orders"

    def open_checkouts(self) -> str:
        """Open the checkouts of the early half."""
        _side_by_side(Purchase.checkout, self._early)
        return f"{len(self._early)} payment pages"

    def pay(self, purchases: Sequence[Purchase]) -> None:
        """Pay open checkouts."""
        _side_by_side(Purchase.pay, purchases)

    def try_checkouts(self) -> int:
        """Let the late half try to open their checkouts; returns how many were answered 503."""
        return sum(_side_by_side(_is_refused, self.late))

    def try_again(self) -> None:
        """Let the late half try until their checkouts are open, and pay them.

        Raises:
            RunFailedError: a checkout could not be opened in time.
        """
        wait_until(lambda: self.try_checkouts() == 0, "checkouts are refused")
        self.pay(self.late)


def _order(purchase: Purchase) -> None:
    purchase.register()
    purchase.prove_address()
    purchase.log_in()
    purchase.order()


def _is_refused(purchase: Purchase) -> bool:
    try:
        purchase.checkout()
    except RequestFailedError as error:
        if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return True
    return False


def _side_by_side(act: Callable[[Purchase], T], purchases: Sequence[Purchase]) -> list[T]:
    """Call `act` for each purchase. Raises the first error."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(act, purchases))
