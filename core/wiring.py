"""The composition root: makes the adapters that the settings ask for, and ties the domains to jobs and events."""

from collections.abc import Collection, Mapping
from typing import Final

from core.audit.anchors import public_key
from core.disputes.states import PARAMETERS as DISPUTE_PARAMETERS
from core.findings.actions import FindingAction
from core.findings.close import dismiss
from core.findings.kinds import Action
from core.findings.on_dead import on_dead as on_dead_finding
from core.gateways.anchor_folder import AnchorFolder
from core.gateways.breaker import make_breaker
from core.gateways.guard import guarded
from core.gateways.livekit import LiveKitGateway, LiveKitTokens
from core.gateways.livekit_webhooks import LiveKitWebhookVerifier
from core.gateways.smtp import MailServer, SmtpMailGateway
from core.gateways.stripe import StripeGateway, StripeWebhookVerifier
from core.gateways.stripe_books import StripeBooks
from core.jobs.rescue import DeadJobHandler
from core.mail.send import on_dead as on_dead_mail
from core.maintenance.anchor import AnchorPlaces
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
from core.ports.anchors import AnchorStore
from core.ports.books import ProviderBooks
from core.ports.mail import MailGateway
from core.ports.payments import PaymentGateway
from core.ports.rooms import RoomGateway, RoomTokens
from core.ports.webhooks import WebhookVerifier
from core.refunds.of_finding import refund_finding
from core.refunds.states import PARAMETERS as REFUND_PARAMETERS
from core.replays.advance import on_dead as on_dead_replay
from core.seminars.presence import apply_ended, apply_joined, apply_left
from core.settings import Settings
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


def payment_gateway(settings: Settings) -> PaymentGateway:
    """Stripe, or the emulator when the settings name one, behind a circuit breaker of its own."""
    stripe = StripeGateway(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base)
    return guarded(stripe, make_breaker("stripe").call)


def provider_books(settings: Settings) -> ProviderBooks:
    """Stripe's lists and objects, or the emulator's, behind a circuit breaker of its own."""
    books = StripeBooks(StripeGateway(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base))
    return guarded(books, make_breaker("stripe books").call)


def room_gateway(settings: Settings) -> RoomGateway:
    """LiveKit, or the emulator when the settings name one, behind a circuit breaker of its own."""
    key, secret = settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
    return guarded(LiveKitGateway(settings.livekit_url, key, secret), make_breaker("livekit").call)


def room_tokens(settings: Settings) -> RoomTokens:
    """Signs with LiveKit's key."""
    return LiveKitTokens(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())


def webhook_verifier(settings: Settings) -> WebhookVerifier:
    """Verifies with each of the endpoint's secrets."""
    return StripeWebhookVerifier(settings.webhook_secrets)


def room_webhook_verifier(settings: Settings) -> WebhookVerifier:
    """Verifies with LiveKit's key."""
    return LiveKitWebhookVerifier(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())


def mail_gateway(settings: Settings) -> MailGateway:
    """The mail server of the settings, behind a circuit breaker of its own."""
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password.get_secret_value(),
    )
    smtp = SmtpMailGateway(server, settings.mail_sender)
    return guarded(smtp, make_breaker("smtp").call)


def anchor_store(settings: Settings) -> AnchorStore | None:
    """The folder of the settings, if there is one."""
    return AnchorFolder(settings.audit_anchors) if settings.audit_anchors else None


def trusted_anchor_keys(settings: Settings) -> Collection[str]:
    """The public keys whose anchors count: that of the key that signs, and earlier ones."""
    own = {public_key(settings.audit_key.get_secret_value())} if settings.audit_key else set[str]()
    return own | set(settings.audit_trusted)


def anchor_places(settings: Settings) -> AnchorPlaces | None:
    """Where anchors go; None without a key."""
    if settings.audit_key is None:
        return None
    key, trusted = settings.audit_key.get_secret_value(), trusted_anchor_keys(settings)
    return AnchorPlaces(key, trusted, settings.audit_anchors is not None, settings.operator_email)
