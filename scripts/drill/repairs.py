"""The five faults: how each is caused, how an operator finds it, and how it is repaired."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts.drill.buyers import Buyers
from scripts.drill.operator import REASON, Json, Operator
from scripts.drill.surroundings import Surroundings
from scripts.drill.waiting import wait_for, wait_until
from scripts.run.errors import RunFailedError

_MISMATCH, _IGNORED, _MAIL = "payment_mismatch", "money_ignored", "mail.send"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who acts in the drill."""

    operator: Operator
    surroundings: Surroundings
    buyers: Buyers


@dataclass(frozen=True, slots=True)
class Repair:
    """One fault. `find` returns what was found when it is found, `repair` returns when it is repaired."""

    name: str
    tool: str
    find: Callable[[Operator], Sequence[Json]]
    repair: Callable[[Scene, Sequence[Json]], None]


def _find_stripe(operator: Operator) -> Sequence[Json]:
    return operator.faults("stripe", "reachable")


def _wait_for_stripe(scene: Scene, _found: Sequence[Json]) -> None:
    """Stripe mends itself; then the circuit breaker closes, and the refused buyers get their checkouts."""
    scene.surroundings.mend_stripe()
    scene.buyers.try_again()


def _find_worker(operator: Operator) -> Sequence[Json]:
    return operator.faults("processes", "workers")


def _start_worker(scene: Scene, _found: Sequence[Json]) -> None:
    scene.surroundings.start_worker()
    wait_until(lambda: not scene.operator.faults("processes"), "aula doctor finds a fault of the processes")


def _find_refused_mail(operator: Operator) -> Sequence[Json]:
    return operator.jobs(state="dead", kind=_MAIL)


def _send_mail_again(scene: Scene, _found: Sequence[Json]) -> None:
    """Jobs that were running while the server was mended may die after the first replay: there is a second one."""
    scene.surroundings.accept_mail()
    while _find_refused_mail(scene.operator):
        wanted = ("--state", "dead", "--kind", _MAIL, "--reason", REASON, "--yes")
        replay = scene.operator.record("replays", "start", "jobs", *wanted)
        scene.operator.rows("replays", "watch", replay["id"])


def _find_mismatch(operator: Operator) -> Sequence[Json]:
    return operator.open_findings(_MISMATCH)


def _accept_payment(scene: Scene, found: Sequence[Json]) -> None:
    for finding in found:
        scene.operator.record("findings", "accept", finding["id"], "--reason", REASON)
        wait_until(lambda order=finding["order_id"]: _is_fulfilled(scene.operator, order), "the order is not fulfilled")


def _find_unreadable(operator: Operator) -> Sequence[Json]:
    return operator.open_findings(_IGNORED)


def _ask_the_provider(scene: Scene, found: Sequence[Json]) -> None:
    order_id = scene.buyers.unreadable.order_id
    if _is_fulfilled(scene.operator, order_id):
        raise RunFailedError("the order of the unreadable event is fulfilled before the repair")
    for finding in found:
        wanted = {"reason": REASON, "source": "provider"}
        scene.operator.post(f"/admin/webhooks/{finding['subject_id']}/replay", wanted)
    wait_until(lambda: _is_fulfilled(scene.operator, order_id), "the order is not fulfilled")
    # The check closes findings whose cause is gone.
    check_invariants(scene.operator)
    wait_until(lambda: not _find_unreadable(scene.operator), "the finding does not close")


def check_invariants(operator: Operator) -> Json:
    """Let the schedule check every invariant now; returns the job that did."""
    before = {job["id"] for job in operator.jobs(kind="maintenance.check")}
    operator.record("schedules", "run-now", "maintenance-check-whole", "--reason", REASON)

    def new_job() -> Json | None:
        done = operator.jobs(kind="maintenance.check", state="succeeded")
        return next((operator.get(f"/admin/jobs/{job['id']}") for job in done if job["id"] not in before), None)

    return wait_for(new_job, "the invariants were not checked")


def _is_fulfilled(operator: Operator, order_id: str) -> bool:
    return operator.get(f"/admin/orders/{order_id}")["state"] == "fulfilled"


# In the order of their repair: without a worker nothing else is repaired.
REPAIRS = (
    Repair("a worker is dead", "aula doctor", _find_worker, _start_worker),
    Repair("Stripe is down", "aula doctor", _find_stripe, _wait_for_stripe),
    Repair("mail is refused", "/admin/jobs", _find_refused_mail, _send_mail_again),
    Repair("a wrong amount", "/admin/findings", _find_mismatch, _accept_payment),
    Repair("an unreadable event", "/admin/findings", _find_unreadable, _ask_the_provider),
)
