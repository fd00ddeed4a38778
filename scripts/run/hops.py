"""The hops of the purchase in their order, and whose log tells why one failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from scripts.run.errors import RunFailedError
from scripts.run.picture import Picture
from scripts.run.purchase import Purchase
from scripts.run.system import System


@dataclass(frozen=True, slots=True)
class Hop:
    """One step; `play` gives what to show beside its name."""

    name: str
    play: Callable[[Purchase], str]
    logs: Sequence[str]


HOPS = (
    Hop("register", Purchase.register, ("api",)),
    Hop("log in", Purchase.log_in, ("api",)),
    Hop("order", Purchase.order, ("api",)),
    Hop("checkout", Purchase.checkout, ("api", "stripe")),
    Hop("pay", Purchase.pay, ("stripe",)),
    Hop("signed webhook", Purchase.webhook, ("api", "stripe")),
    Hop("fulfilment", Purchase.fulfilled, ("worker", "relay")),
    Hop("enrollment", Purchase.enrolled, ("worker", "relay")),
    Hop("receipt", Purchase.receipt, ("worker", "mail")),
    Hop("audit sealed", Purchase.audited, ("beat", "worker")),
)


def play(picture: Picture, purchase: Purchase, system: System) -> None:
    """Play every hop.

    Raises:
        RunFailedError: one failed; it names the hop and the logs to read.
    """
    for hop in HOPS:
        with picture.step(hop.name) as step:
            try:
                step.note = hop.play(purchase)
            except (RunFailedError, httpx.HTTPError, KeyError) as error:
                step.note = str(error)
                system.check()
                raise RunFailedError(f"{hop.name}: {error}", [system.log_of(name) for name in hop.logs]) from error
