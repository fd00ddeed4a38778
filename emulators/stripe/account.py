"""The account and its one webhook endpoint."""

from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Call
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import single_page


def retrieve_account(call: Call) -> Json:
    """GET /v1/account."""
    return {
        "id": "acct_emulated",
        "object": "account",
        "business_profile": {"name": "Aula (emulated)", "url": None},
        "charges_enabled": True,
        "country": "SE",
        "created": call.created,
        "default_currency": "sek",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "Aula (emulated)", "timezone": "Europe/Stockholm"}},
        "type": "standard",
    }


def list_webhook_endpoints(call: Call) -> Json:
    """GET /v1/webhook_endpoints: the one given on the command line."""
    endpoint: Json = {
        "id": "we_emulated",
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": call.created,
        "description": "Given to the emulator on its command line",
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": call.emulator.config.webhook_url,
    }
    return single_page([endpoint], "/v1/webhook_endpoints")
