"""What a dispute changes: its charge, the balance, and the events of each."""

from emulators.stripe.balance_transactions import new_transaction
from emulators.stripe.charges import find_charge
from emulators.stripe.dispute_object import new_dispute
from emulators.stripe.early_fraud_warnings import end_warnings
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import change, emit
from emulators.stripe.json_types import Json
from emulators.stripe.timers import drop_timers, set_timer

# Minor units; Stripe's fee differs by country and currency.
_DISPUTE_FEE = 15_000
OPEN_STATES = ("needs_response", "under_review")
INQUIRY_STATES = ("warning_needs_response", "warning_under_review")


def open_dispute(
    call: Call, charge: Json, *, reason: str = "fraudulent", amount: int | None = None, inquiry: bool = False
) -> Json:
    """The buyer's bank takes `amount` (minor units) back, by default all that is not refunded.

    With `inquiry` the bank only asks, and takes no money yet. Raises `ApiError` when the charge is not paid, is
    refunded, or was disputed before.
    """
    left = charge["amount_captured"] - charge["amount_refunded"]
    disputed = left if amount is None else amount
    if charge["disputed"]:
        raise ApiError(f"Charge {charge['id']} has already been disputed.")
    if not 0 < disputed <= left:
        raise ApiError(f"Charge {charge['id']} has {left} left to dispute, not {disputed}.", param="amount")
    dispute = new_dispute(charge, disputed, reason, call.created, inquiry=inquiry)
    call.store.save({**charge, "disputed": True})
    if not inquiry:
        dispute["balance_transactions"] = [_withdraw(call, dispute)]
    call.store.save(dispute)
    emit(call, "charge.dispute.created", dispute)
    if not inquiry:
        emit(call, "charge.dispute.funds_withdrawn", dispute)
    end_warnings(call, charge["id"])
    set_timer(call, dispute["evidence_details"]["due_by"], "lose_dispute", dispute["id"])
    return dispute


def _withdraw(call: Call, dispute: Json) -> Json:
    return new_transaction(call, "adjustment", dispute, -dispute["amount"], fee=_DISPUTE_FEE, category="dispute")


def escalate_inquiry(call: Call, dispute: Json) -> Json:
    """The bank turns an inquiry into a dispute and takes the money."""
    if dispute["status"] not in INQUIRY_STATES:
        raise ApiError(f"Only an inquiry can be escalated: the status is {dispute['status']}.")
    charge = find_charge(call, dispute["charge"])
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {charge['id']} is refunded: nothing is left to dispute.")
    amount = min(dispute["amount"], left)
    changes = {
        "status": "needs_response",
        "amount": amount,
        "is_charge_refundable": False,
        "balance_transactions": [_withdraw(call, {**dispute, "amount": amount})],
    }
    return change(call, dispute, changes, "charge.dispute.updated", "charge.dispute.funds_withdrawn")


def submit_evidence(call: Call, dispute: Json, evidence: Json) -> Json:
    """Send evidence to the bank. As in Stripe's test mode, two texts decide the outcome."""
    drop_timers(call, dispute["id"])
    details = dispute["evidence_details"]
    details = {**details, "has_evidence": True, "submission_count": details["submission_count"] + 1}
    status = "warning_under_review" if dispute["status"] in INQUIRY_STATES else "under_review"
    changes = {"status": status, "evidence": evidence, "evidence_details": details}
    outcome = {"winning_evidence": "win_dispute", "losing_evidence": "lose_dispute"}.get(evidence["uncategorized_text"])
    if outcome:
        set_timer(call, call.emulator.now() + call.emulator.config.settle_after_s, outcome, dispute["id"])
    return change(call, dispute, changes, "charge.dispute.updated")


def win_dispute(call: Call, dispute: Json) -> Json:
    """The bank decides for the seller: the money and the fee come back; an inquiry is closed."""
    _end(call, dispute)
    if dispute["status"] in INQUIRY_STATES:
        return change(call, dispute, {"status": "warning_closed"}, "charge.dispute.closed")
    back = new_transaction(
        call, "adjustment", dispute, dispute["amount"], fee=-_DISPUTE_FEE, category="dispute_reversal"
    )
    changes = {"status": "won", "balance_transactions": [*dispute["balance_transactions"], back]}
    return change(call, dispute, changes, "charge.dispute.funds_reinstated", "charge.dispute.closed")


def lose_dispute(call: Call, dispute: Json) -> Json:
    """The bank decides for the buyer, the seller accepts, or no evidence came in time; an inquiry is closed."""
    _end(call, dispute)
    if dispute["status"] in INQUIRY_STATES:
        return change(call, dispute, {"status": "warning_closed"}, "charge.dispute.closed")
    details = dispute["evidence_details"]
    past_due = dispute["status"] == "needs_response" and call.created >= details["due_by"]
    changes = {"status": "lost", "evidence_details": {**details, "past_due": past_due}}
    return change(call, dispute, changes, "charge.dispute.closed")


def _end(call: Call, dispute: Json) -> None:
    if dispute["status"] not in (*OPEN_STATES, *INQUIRY_STATES):
        raise ApiError(f"This dispute is already closed: its status is {dispute['status']}.")
    drop_timers(call, dispute["id"])
