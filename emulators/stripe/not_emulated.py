"""Parts of the API that are refused with a reason: they do not serve one-time purchases."""

from collections.abc import Callable

from starlette.routing import Route

from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.endpoint import endpoint
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json

_RECURRING = "recurring payments and invoices are not emulated"
_METERS = "usage-based billing is not emulated"
# First part of a path: the reason.
_REASONS = {
    "/v1/billing/meters": _METERS,
    "/v1/credit_notes": _RECURRING,
    "/v1/invoiceitems": _RECURRING,
    "/v1/invoices": _RECURRING,
    "/v1/issuing": "cards that the account issues are not emulated",
    "/v1/plans": _RECURRING,
    "/v1/quotes": _RECURRING,
    "/v1/subscription_schedules": _RECURRING,
    "/v1/subscriptions": _RECURRING,
    "/v1/test_helpers/test_clocks": "test clocks move only recurring payments, which are not emulated",
    "/v1/transfers": "transfers to connected accounts are not emulated",
    "/v2/billing": _METERS,
}


def refused_routes(emulator: Emulator) -> list[Route]:
    """Routes that answer 404 and name the reason."""
    return [
        Route(f"{path}{rest}", endpoint(emulator, _refuse(path, reason)), methods=["GET", "POST", "DELETE"])
        for path, reason in _REASONS.items()
        for rest in ("", "/{rest:path}")
    ]


def _refuse(path: str, reason: str) -> Callable[[Call], Json]:
    def handler(_call: Call) -> Json:
        raise ApiError(f"The emulator does not have {path}: {reason}.", status=404)

    return handler
