"""Whether Stripe takes the key, and sends the events that Aula needs."""

from typing import Final

import stripe

from core.settings import Settings
from core.webhooks.payment_events import EVENT_TYPES
from scripts.aula.doctor.checks import Check, Checks, fault, ok, warning

_ALL: Final = "*"
_WAIT_SECONDS: Final = 5.0


def check_stripe(settings: Settings) -> Checks:
    """The mode, the account and the webhook endpoint."""
    yield _check_mode(settings)
    client = stripe.StripeClient(
        settings.stripe_secret_key.get_secret_value(),
        base_addresses={"api": settings.stripe_api_base.rstrip("/")} if settings.stripe_api_base else None,
        http_client=stripe.RequestsClient(timeout=_WAIT_SECONDS),
        max_network_retries=0,
    )
    try:
        account = client.v1.accounts.retrieve_current()
        yield _check_account(account.id, settings.stripe_account)
        yield _check_endpoint(client, f"{settings.public_url}/webhooks/stripe")
    except stripe.AuthenticationError:
        said = "Stripe does not accept the key: no order can be paid"
        yield fault("stripe", "key", said, "Set AULA_STRIPE_SECRET_KEY to a key of the account.")
    except stripe.PermissionError:
        said = "the key is restricted, and may not read the account or its webhook endpoints"
        yield warning("stripe", "key", said, "Let the key read both, or check the endpoint in the dashboard.")
    except stripe.StripeError as error:
        said = f"{type(error).__name__}: no order can be paid"
        yield fault("stripe", "reachable", said, "Let this host reach AULA_STRIPE_API_BASE, or api.stripe.com.")


def _check_mode(settings: Settings) -> Check:
    if settings.stripe_api_base:
        said = f"THE EMULATOR at {settings.stripe_api_base}: no money moves"
        return warning("stripe", "mode", said, "For real payments unset AULA_STRIPE_API_BASE, and set the keys.")
    if settings.stripe_livemode:
        return ok("stripe", "mode", "live")
    return warning(
        "stripe",
        "mode",
        "test: no money moves",
        "For real payments set a live key, its webhook secret, and AULA_STRIPE_LIVEMODE=true.",
    )


def _check_account(found: str, named: str | None) -> Check:
    if named is None or named == found:
        return ok("stripe", "account", found)
    said = f"the key is of {found}, AULA_STRIPE_ACCOUNT is {named}: its events are ignored"
    return fault("stripe", "account", said, "Set both to the same account.")


def _check_endpoint(client: stripe.StripeClient, url: str) -> Check:
    endpoints = client.v1.webhook_endpoints.list({"limit": 100}).data
    found = next((one for one in endpoints if one.url == url), None)
    if found is None or found.status != "enabled":
        said = f"{url} is not registered, or is disabled: payments are found only by asking for them"
        return fault("stripe", "webhook", said, "Register it in Stripe's dashboard, or mend AULA_PUBLIC_URL.")
    missing = EVENT_TYPES.keys() - found.enabled_events
    if _ALL not in found.enabled_events and missing:
        said = f"Stripe does not send {', '.join(sorted(missing))}"
        return fault("stripe", "webhook", said, "Add these events to the endpoint in Stripe's dashboard.")
    return ok("stripe", "webhook", url)
