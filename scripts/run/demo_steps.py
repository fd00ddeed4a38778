"""The steps of the demo purchase and of the visit to the seminar, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx

from scripts.run.errors import RunFailedError
from scripts.run.progress import Progress
from scripts.run.purchase import Purchase
from scripts.run.supervisor import Supervisor
from scripts.run.visit import Visit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DemoStep(Generic[T]):
    """One step. `run` returns the note to show; `logs` are the processes whose logs explain a failure."""

    name: str
    run: Callable[[T], str]
    logs: Sequence[str]


PURCHASE_STEPS = (
    DemoStep("register", Purchase.register, ("api",)),
    DemoStep("prove address", Purchase.prove_address, ("relay", "worker", "mail")),
    DemoStep("log in", Purchase.log_in, ("api",)),
    DemoStep("order", Purchase.order, ("api",)),
    DemoStep("checkout", Purchase.checkout, ("api", "stripe")),
    DemoStep("pay", Purchase.pay, ("stripe",)),
    DemoStep("signed webhook", Purchase.wait_for_webhook, ("api", "stripe")),
    DemoStep("fulfilment", Purchase.wait_for_fulfilment, ("worker", "relay")),
    DemoStep("enrollment", Purchase.wait_for_enrollment, ("worker", "relay")),
    DemoStep("receipt", Purchase.wait_for_receipt, ("worker", "mail")),
    DemoStep("audit sealed", Purchase.wait_for_audit_seal, ("beat", "worker")),
)


VISIT_STEPS = (
    DemoStep("seat", Visit.wait_for_seat, ("worker", "relay")),
    DemoStep("room", Visit.wait_for_room, ("beat", "worker", "livekit")),
    DemoStep("two join", Visit.meet, ("api", "livekit")),
    DemoStep("attendance", Visit.wait_for_attendance, ("livekit", "api", "worker")),
)


def run_steps(progress: Progress, steps: Sequence[DemoStep[T]], subject: T, supervisor: Supervisor) -> None:
    """Run every step.

    Raises:
        RunFailedError: a step failed; the error names the step and the logs to read.
    """
    for demo_step in steps:
        with progress.step(demo_step.name) as step:
            try:
                step.note = demo_step.run(subject)
            except (RunFailedError, httpx.HTTPError, KeyError) as error:
                step.note = str(error)
                supervisor.check()
                logs = [supervisor.log_of(name) for name in demo_step.logs]
                raise RunFailedError(f"{demo_step.name}: {error}", logs) from error
