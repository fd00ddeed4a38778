"""`stripe listen` begins with a session: an address, an id for its WebSocket, and the secret of the signatures."""

from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Call
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.schema import check_params, choice, list_of, text

WEBSOCKET_PATH = "/v1/stripecli/subscribe"
_FEATURE = "webhooks"
# Seconds after which the CLI opens its WebSocket again.
_RECONNECT_S = 300
_CREATE = {
    "device_name": text(),
    "filters": text(),
    "forward_connect_to_url": text(),
    "forward_thin_connect_to_url": text(),
    "forward_thin_to_url": text(),
    "forward_to_url": text(),
    "websocket_features": list_of(choice(_FEATURE)),
}
_NEWEST = "select coalesce(max(id), 0) as id from deliveries"


def create_session(call: Call) -> Json:
    """POST /v1/stripecli/sessions; the session gets what is emitted from now on, also when it reconnects.

    The secret is the emulator's webhook secret: an API that trusts the emulator trusts the CLI too.
    """
    check_params(call.params, _CREATE, ("websocket_features",))
    session = call.store.save(
        {
            "id": new_id("cliws"),
            "object": "stripecli.session",
            "created": call.created,
            "last_delivery": call.store.rows(_NEWEST)[0]["id"],
        }
    )
    scheme, _, address = call.emulator.config.public_url.partition("://")
    return {
        "default_version": API_VERSION,
        "display_connect_filter_warning": False,
        "latest_version": API_VERSION,
        "reconnect_delay": _RECONNECT_S,
        "secret": call.emulator.config.webhook_secret,
        "websocket_authorized_feature": _FEATURE,
        "websocket_id": session["id"],
        "websocket_url": f"{scheme.replace('http', 'ws')}://{address}{WEBSOCKET_PATH}",
    }
