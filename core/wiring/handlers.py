"""Ties the domains to jobs, events and findings."""

from collections.abc import Mapping
from typing import Final

from core.disputes.states import PARAMETERS as DISPUTE_PARAMETERS
from core.findings.actions import FindingAction
from core.findings.close import dismiss
from core.findings.kinds import Action
from core.findings.on_dead import on_dead as on_dead_finding
from core.jobs.rescue import DeadJobHandler
from core.mail.on_dead import on_dead as on_dead_mail
from core.messages import (
    AlignParticipant,
    CancelSeminar,
    CloseRoom,
    ConfirmSeat,
    CreateRefund,
    DerivePayments,
    ExportData,
    FetchObject,
    FulfilOrder,
    GrantEnrollment,
    GrantGifts,
    ProcessWebhook,
    ProvisionRoom,
    ReleaseSeats,
    ReturnItem,
    RevokeEnrollments,
    RunReplay,
    SendMail,
)
from core.payments.accept import accept_finding
from core.payments.apply_paid import PARAMETERS as PAID_PARAMETERS
from core.payments.apply_unpaid import apply_attempt_failed, apply_expired, apply_failed, apply_pending
from core.payments.fraud_warning import apply_warning
from core.refunds.of_finding import refund_finding
from core.refunds.states import PARAMETERS as REFUND_PARAMETERS
from core.replays.advance import on_dead as on_dead_replay
from core.seminars.presence import apply_ended, apply_joined, apply_left
from core.webhooks.ignore import PARAMETERS as IGNORE_PARAMETERS
from core.webhooks.on_dead import on_dead as on_dead_webhook
from core.webhooks.process import BatchHandler, EventHandlers

# What an operator can do about a finding, if its kind allows it.
FINDING_ACTIONS: Final[Mapping[Action, FindingAction]] = {
    "accept": accept_finding,
    "refund": refund_finding,
    "dismiss": dismiss,
}

DEAD_JOB_HANDLERS: Final[Mapping[str, DeadJobHandler]] = {
    ProcessWebhook.kind: on_dead_webhook,
    SendMail.kind: on_dead_mail,
    FulfilOrder.kind: on_dead_finding,
    GrantEnrollment.kind: on_dead_finding,
    GrantGifts.kind: on_dead_finding,
    RevokeEnrollments.kind: on_dead_finding,
    DerivePayments.kind: on_dead_finding,
    CreateRefund.kind: on_dead_finding,
    ReturnItem.kind: on_dead_finding,
    ConfirmSeat.kind: on_dead_finding,
    ReleaseSeats.kind: on_dead_finding,
    CancelSeminar.kind: on_dead_finding,
    ProvisionRoom.kind: on_dead_finding,
    CloseRoom.kind: on_dead_finding,
    AlignParticipant.kind: on_dead_finding,
    FetchObject.kind: on_dead_finding,
    ExportData.kind: on_dead_finding,
    RunReplay.kind: on_dead_replay,
}

# What the events of a provider mean, by kind. The first is by far the most frequent.
EVENT_HANDLERS: Final[EventHandlers] = {
    "checkout_paid": BatchHandler("payments/apply_paid", PAID_PARAMETERS),
    "payment_succeeded": BatchHandler("payments/apply_paid", PAID_PARAMETERS),
    "fetch": BatchHandler("webhooks/enqueue_fetches", {}),
    "charge_settled": BatchHandler("payments/apply_settled", {}),
    "none": BatchHandler("webhooks/ignore", IGNORE_PARAMETERS),
    "refund": BatchHandler("refunds/apply", REFUND_PARAMETERS),
    "dispute": BatchHandler("disputes/apply", DISPUTE_PARAMETERS),
    "checkout_pending": apply_pending,
    "checkout_failed": apply_failed,
    "checkout_expired": apply_expired,
    "payment_failed": apply_attempt_failed,
    "fraud_warning": apply_warning,
    "room_joined": apply_joined,
    "room_left": apply_left,
    "room_ended": apply_ended,
}
