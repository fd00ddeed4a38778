"""The steps of the demo purchase, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from scripts.run.errors import RunFailedError
from scripts.run.progress import Progress
from scripts.run.purchase import Purchase
from scripts.run.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class PurchaseStep:
    """One step. `run` returns the note to show; `logs` are the processes whose logs explain a failure."""

    name: str
    run: Callable[[Purchase], str]
    logs: Sequence[str]


PURCHASE_STEPS = (
    PurchaseStep("register", Purchase.register, ("api",)),
    PurchaseStep("prove address", Purchase.prove_address, ("relay", "worker", "mail")),
    PurchaseStep("log in", Purchase.log_in, ("api",)),
    PurchaseStep("order", Purchase.order, ("api",)),
    PurchaseStep("checkout", Purchase.checkout, ("api", "stripe")),
    PurchaseStep("pay", Purchase.pay, ("stripe",)),
    PurchaseStep("signed webhook", Purchase.wait_for_webhook, ("api", "stripe")),
    PurchaseStep("fulfilment", Purchase.wait_for_fulfilment, ("worker", "relay")),
    PurchaseStep("enrollment", Purchase.wait_for_enrollment, ("worker", "relay")),
    PurchaseStep("receipt", Purchase.wait_for_receipt, ("worker", "mail")),
    PurchaseStep("audit sealed", Purchase.wait_for_audit_seal, ("beat", "worker")),
)


def run_purchase(progress: Progress, purchase: Purchase, supervisor: Supervisor) -> None:
    """Run every step.

    Raises:
        RunFailedError: a step failed; the error names the step and the logs to read.
    """
    for purchase_step in PURCHASE_STEPS:
        with progress.step(purchase_step.name) as step:
            try:
                step.note = purchase_step.run(purchase)
            except (RunFailedError, httpx.HTTPError, KeyError) as error:
                step.note = str(error)
                supervisor.check()
                logs = [supervisor.log_of(name) for name in purchase_step.logs]
                raise RunFailedError(f"{purchase_step.name}: {error}", logs) from error
