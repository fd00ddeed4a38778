"""What a refund changes: its charge, the balance, and the events of each."""

from emulators.stripe.balance_transactions import new_transaction
from emulators.stripe.charges import find_charge
from emulators.stripe.early_fraud_warnings import end_warnings
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import change
from emulators.stripe.json_types import Json
from emulators.stripe.timers import drop_timers

_UPDATED = ("refund.updated", "charge.refund.updated")


def add_to_charge(call: Call, charge: Json, amount: int) -> None:
    """Record `amount` (minor units) as refunded on the charge."""
    refunded = charge["amount_refunded"] + amount
    changes = {"amount_refunded": refunded, "refunded": refunded == charge["amount_captured"]}
    charge = change(call, charge, changes, "charge.refunded")
    if charge["refunded"]:
        end_warnings(call, charge["id"])


def succeed_refund(call: Call, refund: Json) -> Json:
    """A pending refund reaches the buyer."""
    _require(refund, "succeed", ("pending", "requires_action"))
    drop_timers(call, refund["id"])
    return change(call, refund, {"status": "succeeded", "pending_reason": None}, *_UPDATED)


def require_action(call: Call, refund: Json) -> Json:
    """A pending refund waits for the buyer's bank details; only such a refund can be canceled."""
    _require(refund, "require action", ("pending",))
    drop_timers(call, refund["id"])
    return change(call, refund, {"status": "requires_action", "pending_reason": None}, *_UPDATED)


def fail_refund(call: Call, refund: Json, reason: str = "lost_or_stolen_card") -> Json:
    """The bank returns the money, also of a succeeded refund; the amount can be refunded again."""
    _require(refund, "fail", ("pending", "requires_action", "succeeded"))
    changes = {"failure_balance_transaction": _return_money(call, refund), "failure_reason": reason}
    changes = {"status": "failed", "pending_reason": None, **changes}
    return change(call, refund, changes, "refund.failed", *_UPDATED)


def cancel_refund(call: Call, refund: Json) -> Json:
    """Cancel a refund that waits for the buyer."""
    _require(refund, "be canceled", ("requires_action",))
    changes = {"status": "canceled", "failure_balance_transaction": _return_money(call, refund)}
    return change(call, refund, changes, *_UPDATED)


def _return_money(call: Call, refund: Json) -> str:
    drop_timers(call, refund["id"])
    charge = find_charge(call, refund["charge"])
    call.store.save({**charge, "amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False})
    return new_transaction(call, "refund_failure", refund, refund["amount"])["id"]


def _require(refund: Json, action: str, allowed: tuple[str, ...]) -> None:
    if refund["status"] not in allowed:
        raise ApiError(
            f"Refund {refund['id']} cannot {action}: its status is {refund['status']}, not {' or '.join(allowed)}."
        )
