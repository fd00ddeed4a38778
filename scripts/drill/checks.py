"""What must be true after the repairs."""

from collections import Counter
from collections.abc import Callable

from scripts.drill.repairs import Scene, check_invariants
from scripts.drill.waiting import wait_for, wait_until
from scripts.run.errors import RunFailedError

Check = Callable[[Scene], str]


def _every_order_is_fulfilled_once(scene: Scene) -> str:
    wanted = {purchase.order_id for purchase in scene.buyers.all}

    def fulfilments() -> Counter[str] | None:
        rows = scene.operator.rows("audit", "search", "--tag", "orders:order:fulfilled", "--limit", "1000")
        return Counter(row["subject_id"] for row in rows) if len(rows) >= len(wanted) else None

    counts = wait_for(fulfilments, "not every order is fulfilled")
    _require(counts.keys() == wanted and set(counts.values()) == {1}, "an order is not fulfilled once")
    listed = scene.operator.rows("orders", "list", "--state", "fulfilled", "--limit", "1000")
    _require({row["id"] for row in listed} == wanted, "an order is in another state")
    return f"{len(wanted)} orders"


def _every_buyer_has_one_receipt(scene: Scene) -> str:
    buyers = {purchase.email for purchase in scene.buyers.all}

    def receipts() -> Counter[str]:
        return Counter(email["to"] for email in scene.surroundings.emails() if _is_receipt(email["subject"]))

    wait_until(lambda: receipts().keys() >= buyers, "a receipt is missing")
    counts = receipts()
    _require(counts.keys() == buyers and set(counts.values()) == {1}, "a buyer has more than one receipt")
    return f"{len(buyers)} receipts"


def _nothing_is_left(scene: Scene) -> str:
    findings = scene.operator.get("/admin/findings", state="open")["items"]
    _require(not findings, f"findings are open: {[finding['kind'] for finding in findings]}")
    dead = scene.operator.jobs(state="dead")
    _require(not dead, f"jobs are dead: {sorted({job['kind'] for job in dead})}")
    _require(not scene.operator.rows("webhooks", "list", "--state", "dead"), "events are dead")
    return "no finding is open, nothing is dead"


def _every_invariant_holds(scene: Scene) -> str:
    violations = check_invariants(scene.operator)["result"]["violations"]
    _require(not violations, f"violated: {violations}")
    return "maintenance.check names no violation"


def _the_audit_log_is_whole(scene: Scene) -> str:
    verified = scene.operator.record("audit", "verify")
    _require(verified["fault"] is None, f"the audit log is broken: {verified['fault']}")
    return f"{verified['entries']} sealed entries"


def _the_doctor_finds_nothing(scene: Scene) -> str:
    faults = scene.operator.record("doctor")["faults"]
    _require(faults == 0, f"aula doctor finds {faults} faults")
    return "no fault"


def _require(is_so: object, failure: str) -> None:
    if not is_so:
        raise RunFailedError(failure)


def _is_receipt(subject: str) -> bool:
    return "kvitto" in subject or "receipt" in subject


CHECKS: dict[str, Check] = {
    "fulfilled once": _every_order_is_fulfilled_once,
    "one receipt each": _every_buyer_has_one_receipt,
    "nothing left": _nothing_is_left,
    "invariants": _every_invariant_holds,
    "audit log": _the_audit_log_is_whole,
    "doctor": _the_doctor_finds_nothing,
}
