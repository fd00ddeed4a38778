"""Makes the adapters that the settings ask for. Processes that call nothing outside do not import them."""

from core.gateways.breaker import make_breaker
from core.gateways.guard import guarded
from core.gateways.livekit import LiveKitGateway, LiveKitTokens
from core.gateways.livekit_webhooks import LiveKitWebhookVerifier
from core.gateways.smtp import MailServer, SmtpMailGateway
from core.gateways.stripe import StripeGateway, StripeWebhookVerifier
from core.gateways.stripe_books import StripeBooks
from core.ports.books import ProviderBooks
from core.ports.mail import MailGateway
from core.ports.payments import PaymentGateway
from core.ports.rooms import RoomGateway, RoomTokens
from core.ports.webhooks import WebhookVerifier
from core.settings import Settings


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
