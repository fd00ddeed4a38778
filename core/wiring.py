"""The composition root: makes the adapters that the settings ask for, and ties the domains to jobs and events."""

from collections.abc import Mapping
from typing import Final

from core.disputes.states import PARAMETERS as DISPUTE_PARAMETERS
from core.findings.actions import FindingAction
from core.findings.close import dismiss
from core.findings.on_dead import on_dead as on_dead_finding
from core.gateways.smtp import SmtpMailGateway
from core.gateways.stripe import StripeGateway, StripeWebhookVerifier
from core.jobs.rescue import DeadJobHandler
from core.mail.send import on_dead as on_dead_mail
from core.messages import (
    DerivePayments,
    FulfilOrder,
    GrantEnrollment,
    ProcessWebhook,
    RevokeEnrollments,
    RunReplay,
    SendMail,
)
from core.payments.apply_paid import STATES as PAID_STATES
from core.payments.apply_unpaid import apply_expired, apply_failed, apply_pending
from core.ports.mail import MailGateway
from core.ports.payments import PaymentGateway
from core.ports.webhooks import WebhookVerifier
from core.refunds.states import PARAMETERS as REFUND_PARAMETERS
from core.replays.advance import on_dead as on_dead_replay
from core.settings import Settings
from core.webhooks.on_dead import on_dead as on_dead_webhook
from core.webhooks.process import BatchHandler, EventHandlers

DEAD_JOB_HANDLERS: Final[Mapping[str, DeadJobHandler]] = {
    ProcessWebhook.kind: on_dead_webhook,
    SendMail.kind: on_dead_mail,
    FulfilOrder.kind: on_dead_finding,
    GrantEnrollment.kind: on_dead_finding,
    RevokeEnrollments.kind: on_dead_finding,
    DerivePayments.kind: on_dead_finding,
    RunReplay.kind: on_dead_replay,
}

# What an operator can do about a finding; its kind says which of them it allows.
FINDING_ACTIONS: Final[Mapping[str, FindingAction]] = {"dismiss": dismiss}

# What the events of a provider mean, by kind. The first is by far the most frequent.
EVENT_HANDLERS: Final[EventHandlers] = {
    "checkout_paid": BatchHandler("payments/apply_paid", PAID_STATES),
    "refund": BatchHandler("refunds/apply", REFUND_PARAMETERS),
    "dispute": BatchHandler("disputes/apply", DISPUTE_PARAMETERS),
    "checkout_pending": apply_pending,
    "checkout_failed": apply_failed,
    "checkout_expired": apply_expired,
}


def payment_gateway(settings: Settings) -> PaymentGateway:
    """Stripe, or the emulator when the settings name one."""
    return StripeGateway(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base)


def webhook_verifier(settings: Settings) -> WebhookVerifier:
    """Verifies with each of the endpoint's secrets."""
    return StripeWebhookVerifier(settings.webhook_secrets)


def mail_gateway(settings: Settings) -> MailGateway:
    """The mail server of the settings."""
    return SmtpMailGateway(settings.smtp_host, settings.smtp_port, settings.mail_sender)
