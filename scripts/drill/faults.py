"""The faults, in the order in which they are caused."""

from collections.abc import Callable

from scripts.drill.repairs import Scene
from scripts.run.errors import RunFailedError


def _refuse_mail(scene: Scene) -> str:
    scene.surroundings.refuse_mail()
    return "550 for every recipient"


def _pay_unreadably(scene: Scene) -> str:
    scene.surroundings.pay_unreadably(scene.buyers.unreadable)
    return "its payment counts for nothing"


def _pay_wrong_amount(scene: Scene) -> str:
    scene.surroundings.pay_wrong_amount(scene.buyers.wrong_amount)
    return "1.00 instead of the total"


def _kill_worker(scene: Scene) -> str:
    before, after = scene.buyers.with_worker, scene.buyers.without_worker
    scene.buyers.pay(before)
    # The first order is fulfilled, the last ones are under way.
    before[0].wait_for_fulfilment()
    scene.surroundings.kill_worker()
    scene.buyers.pay(after)
    return f"{len(before)} buyers paid before, {len(after)} after"


def _stop_stripe(scene: Scene) -> str:
    scene.surroundings.stop_stripe()
    refused = scene.buyers.try_checkouts()
    if refused != len(scene.buyers.late):
        raise RunFailedError(f"only {refused} of {len(scene.buyers.late)} checkouts were refused while Stripe is down")
    return f"{refused} checkouts are answered 503"


FAULTS: dict[str, Callable[[Scene], str]] = {
    "mail is refused": _refuse_mail,
    "an unreadable event": _pay_unreadably,
    "a wrong amount": _pay_wrong_amount,
    "a worker is dead": _kill_worker,
    "Stripe is down": _stop_stripe,
}
