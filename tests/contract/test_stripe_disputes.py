"""Disputes and early fraud warnings of the emulator through the official SDK."""

import pytest
import stripe

from tests.contract.checkouts import control, events_about, paid_charge
from tests.contract.conftest import StripeEmulator

OPENED = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def disputed(emulator: StripeEmulator) -> stripe.Dispute:
    dispute = control(emulator, f"charges/{paid_charge(emulator).id}/dispute")
    return emulator.sdk.v1.disputes.retrieve(dispute["id"])


def test_the_dispute_card_opens_a_dispute(emulator: StripeEmulator) -> None:
    disputes = emulator.sdk.v1.disputes
    charge = paid_charge(emulator, "4000000000000259")
    (dispute,) = disputes.list({"charge": charge.id}).data
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", charge.amount)
    assert dispute.payment_intent == charge.payment_intent
    assert dispute.evidence_details.due_by == dispute.created + 9 * 86_400
    assert emulator.sdk.v1.charges.retrieve(charge.id).disputed
    assert events_about(emulator, dispute.id) == OPENED
    intent = str(charge.payment_intent)
    assert [found.id for found in disputes.list({"payment_intent": intent}).data] == [dispute.id]


def test_evidence_is_submitted_and_the_dispute_is_won(emulator: StripeEmulator) -> None:
    dispute = disputed(emulator)
    evidence: stripe.params.DisputeUpdateParamsEvidence = {"product_description": "A course"}
    draft = emulator.sdk.v1.disputes.update(dispute.id, {"evidence": evidence, "submit": False})
    assert (draft.status, draft.evidence_details.has_evidence) == ("needs_response", True)
    sent = emulator.sdk.v1.disputes.update(dispute.id, {"metadata": {"case": "7"}, "submit": True})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.evidence.product_description == "A course"
    with pytest.raises(stripe.InvalidRequestError, match="status is under_review"):
        emulator.sdk.v1.disputes.update(dispute.id, {"evidence": evidence})
    control(emulator, f"disputes/{dispute.id}/settle", outcome="won")
    won = emulator.sdk.v1.disputes.retrieve(dispute.id)
    assert won.status == "won"
    assert [movement.amount for movement in won.balance_transactions] == [-228_000, 228_000]
    assert sum(movement.net for movement in won.balance_transactions) == 0
    closed = ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert [kind for kind in events_about(emulator, dispute.id) if kind != "charge.dispute.updated"] == OPENED + closed
    assert emulator.sdk.v1.refunds.create({"charge": str(dispute.charge)}).status == "succeeded"


def test_an_accepted_dispute_is_lost(emulator: StripeEmulator) -> None:
    dispute = disputed(emulator)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        emulator.sdk.v1.refunds.create({"charge": str(dispute.charge)})
    assert refused.value.code == "charge_disputed"
    assert emulator.sdk.v1.disputes.close(dispute.id).status == "lost"
    assert events_about(emulator, dispute.id) == [*OPENED, "charge.dispute.closed"]
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        emulator.sdk.v1.disputes.close(dispute.id)


def test_a_dispute_of_a_part_is_lost_by_control(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    error = control(emulator, f"charges/{charge.id}/dispute", 400, amount=charge.amount + 1)["error"]
    assert error["param"] == "amount"
    dispute = control(emulator, f"charges/{charge.id}/dispute", amount=1_000, reason="product_not_received")
    assert (dispute["amount"], dispute["reason"]) == (1_000, "product_not_received")
    assert "already been disputed" in control(emulator, f"charges/{charge.id}/dispute", 400)["error"]["message"]
    assert control(emulator, f"disputes/{dispute['id']}/settle", outcome="lost")["status"] == "lost"


def test_an_inquiry_takes_no_money_until_it_is_escalated(emulator: StripeEmulator) -> None:
    disputes = emulator.sdk.v1.disputes
    charge = paid_charge(emulator, "4000000000001976")
    (inquiry,) = disputes.list({"charge": charge.id}).data
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)
    assert inquiry.balance_transactions == []
    assert events_about(emulator, inquiry.id) == ["charge.dispute.created"]
    emulator.sdk.v1.refunds.create({"charge": charge.id, "amount": 1_000})
    sent = disputes.update(inquiry.id, {"evidence": {"product_description": "A course"}})
    assert sent.status == "warning_under_review"
    control(emulator, f"disputes/{inquiry.id}/settle", outcome="escalated")
    dispute = disputes.retrieve(inquiry.id)
    assert (dispute.status, dispute.amount) == ("needs_response", charge.amount - 1_000)
    assert dispute.balance_transactions[0].amount == -dispute.amount
    assert events_about(emulator, inquiry.id)[-1] == "charge.dispute.funds_withdrawn"
    error = control(emulator, f"disputes/{inquiry.id}/settle", 400, outcome="escalated")["error"]
    assert "Only an inquiry" in error["message"]


def test_an_inquiry_is_closed_without_money(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    inquiry = control(emulator, f"charges/{charge.id}/dispute", inquiry="true")
    assert 'value="escalated"' in emulator.http.get("/").text
    assert control(emulator, f"disputes/{inquiry['id']}/settle", outcome="lost")["status"] == "warning_closed"
    assert events_about(emulator, inquiry["id"]) == ["charge.dispute.created", "charge.dispute.closed"]


def test_the_not_received_card_names_its_reason(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator, "4000000000002685")
    (dispute,) = emulator.sdk.v1.disputes.list({"charge": charge.id}).data
    assert dispute.reason == "product_not_received"


def test_the_fraud_card_creates_an_early_fraud_warning(emulator: StripeEmulator) -> None:
    warnings = emulator.sdk.v1.radar.early_fraud_warnings
    charge = paid_charge(emulator, "4000000000005423")
    (warning,) = warnings.list({"charge": charge.id}).data
    assert (warning.actionable, warning.payment_intent) == (True, charge.payment_intent)
    emulator.sdk.v1.refunds.create({"charge": charge.id})
    assert warnings.retrieve(warning.id).actionable is False
    assert events_about(emulator, warning.id) == [
        "radar.early_fraud_warning.created",
        "radar.early_fraud_warning.updated",
    ]


def test_a_disputed_charge_gets_no_actionable_warning(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    control(emulator, f"charges/{charge.id}/dispute")
    assert control(emulator, f"charges/{charge.id}/warn")["actionable"] is False


def test_the_books_are_payments_minus_refunds_minus_lost_disputes(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1

    def total() -> int:
        return sum(movement.amount for movement in v1.balance_transactions.list({"limit": 100}).auto_paging_iter())

    before = total()
    refunded, lost, won = (paid_charge(emulator) for _ in range(3))
    v1.refunds.create({"charge": refunded.id, "amount": 28_000})
    failed = v1.refunds.create({"charge": refunded.id, "amount": 50_000})
    control(emulator, f"refunds/{failed.id}/settle", outcome="failed")
    for charge, outcome in ((lost, "lost"), (won, "won")):
        dispute = control(emulator, f"charges/{charge.id}/dispute")
        control(emulator, f"disputes/{dispute['id']}/settle", outcome=outcome)
    assert total() - before == 2 * 228_000 - 28_000
