"""What buyers, banks and the dashboard's user do: pay, settle, refund, dispute."""

from emulators.stripe import refunds
from emulators.stripe.bank_debits import settle_debit
from emulators.stripe.charges import find_charge
from emulators.stripe.confirmation import confirm_payment
from emulators.stripe.currencies import MAX_AMOUNT
from emulators.stripe.dispute_object import REASONS
from emulators.stripe.dispute_results import escalate_inquiry, lose_dispute, open_dispute, win_dispute
from emulators.stripe.disputes import find_dispute
from emulators.stripe.early_fraud_warnings import open_warning
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.payment_intents import find_intent
from emulators.stripe.payment_methods import resolve_method
from emulators.stripe.refund_results import fail_refund, require_action, succeed_refund
from emulators.stripe.schema import boolean, check_params, choice, integer, text
from emulators.stripe.sessions import expire_session as expire
from emulators.stripe.sessions import find_session

_AMOUNT = integer(1, MAX_AMOUNT)


def pay_session(call: Call) -> Json:
    """Pay an open session with `payment_method`, by default `pm_card_visa`.

    A given `amount` (minor units) replaces the session's amount: what is paid then differs from what was asked.
    """
    params = check_params(call.params, {"payment_method": text(), "amount": _AMOUNT})
    session = find_session(call, call.path["id"])
    if "amount" in params and session["status"] == "open":
        amount = params["amount"]
        session = call.store.save({**session, "amount_subtotal": amount, "amount_total": amount})
        if session["payment_intent"]:
            call.store.save({**find_intent(call, session["payment_intent"]), "amount": amount})
    confirm_payment(call, session, resolve_method(call, params.get("payment_method", "pm_card_visa")))
    return find_session(call, session["id"])


def expire_session(call: Call) -> Json:
    """Expire an open session now."""
    return expire(call)


def settle_session(call: Call) -> Json:
    """Settle the bank debit of a session now; `outcome` is `succeeded` or `failed`."""
    outcome = _outcome(call, "succeeded", "failed")
    session = find_session(call, call.path["id"])
    if session["payment_intent"] is None:
        raise ApiError("No payment of this Checkout Session is being processed.")
    return settle_debit(call, find_intent(call, session["payment_intent"]), succeeded=outcome == "succeeded")


def settle_intent(call: Call) -> Json:
    """Settle the bank debit of a payment intent now; `outcome` is `succeeded` or `failed`."""
    outcome = _outcome(call, "succeeded", "failed")
    return settle_debit(call, find_intent(call, call.path["id"]), succeeded=outcome == "succeeded")


def refund_charge(call: Call) -> Json:
    """Refund a charge as in the dashboard; `amount` in minor units, by default all that is left."""
    check_params(call.params, {"amount": _AMOUNT})
    return refunds.create_refund(Call(call.emulator, {**call.params, "charge": call.path["id"]}))


def dispute_charge(call: Call) -> Json:
    """Open a dispute, or with `inquiry` only an inquiry; `amount` in minor units, by default all that is left."""
    params = check_params(call.params, {"amount": _AMOUNT, "reason": choice(*REASONS), "inquiry": boolean})
    return open_dispute(call, find_charge(call, call.path["id"]), **params)


def warn_about_charge(call: Call) -> Json:
    """Create an early fraud warning for a charge."""
    check_params(call.params, {})
    return open_warning(call, find_charge(call, call.path["id"]))


def settle_refund(call: Call) -> Json:
    """Let a refund succeed, fail (also after it succeeded), or wait for the buyer."""
    outcomes = {"succeeded": succeed_refund, "failed": fail_refund, "requires_action": require_action}
    outcome = _outcome(call, *outcomes)
    return outcomes[outcome](call, refunds.find_refund(call))


def settle_dispute(call: Call) -> Json:
    """Decide an open dispute; `outcome` is `won` or `lost`, which both close an inquiry, or `escalated`."""
    outcomes = {"won": win_dispute, "lost": lose_dispute, "escalated": escalate_inquiry}
    return outcomes[_outcome(call, *outcomes)](call, find_dispute(call))


def _outcome(call: Call, *allowed: str) -> str:
    outcome = call.params.get("outcome")
    if outcome not in allowed:
        *others, last = allowed
        raise ApiError(f"outcome must be {', '.join(others)} or {last}", param="outcome")
    return str(outcome)
