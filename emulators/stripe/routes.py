"""The API's paths and their handlers."""

from starlette.routing import Route

from emulators.stripe import (
    account,
    catalog,
    charges,
    customers,
    events,
    payment_intents,
    payment_methods,
    payment_pages_api,
    refunds,
    sessions,
)
from emulators.stripe.emulator import Emulator
from emulators.stripe.endpoint import Handler, endpoint

_READ: dict[str, Handler] = {
    "/v1/account": account.retrieve_account,
    "/v1/balance": account.retrieve_balance,
    "/v1/webhook_endpoints": account.list_webhook_endpoints,
    "/v1/products": catalog.list_products,
    "/v1/products/{id}": catalog.retrieve_product,
    "/v1/prices": catalog.list_prices,
    "/v1/prices/{id}": catalog.retrieve_price,
    "/v1/customers": customers.list_customers,
    "/v1/customers/{id}": customers.retrieve_customer,
    "/v1/checkout/sessions": sessions.list_sessions,
    "/v1/checkout/sessions/{id}": sessions.retrieve_session,
    "/v1/checkout/sessions/{id}/line_items": sessions.list_lines,
    "/v1/payment_pages/{id}": payment_pages_api.retrieve_page,
    "/v1/payment_methods/{id}": payment_methods.retrieve_payment_method,
    "/v1/payment_intents": payment_intents.list_intents,
    "/v1/payment_intents/{id}": payment_intents.retrieve_intent,
    "/v1/charges/{id}": charges.retrieve_charge,
    "/v1/refunds": refunds.list_refunds,
    "/v1/refunds/{id}": refunds.retrieve_refund,
    "/v1/events": events.list_events,
    "/v1/events/{id}": events.retrieve_event,
}
_WRITE: dict[str, Handler] = {
    "/v1/products": catalog.create_product,
    "/v1/prices": catalog.create_price,
    "/v1/customers": customers.create_customer,
    "/v1/checkout/sessions": sessions.create_session,
    "/v1/checkout/sessions/{id}/expire": sessions.expire_session,
    "/v1/payment_pages/{id}/confirm": payment_pages_api.confirm_page,
    "/v1/payment_methods": payment_methods.create_payment_method,
    "/v1/refunds": refunds.create_refund,
    "/v1/events/{id}/retry": events.retry_event,
}


def api_routes(emulator: Emulator) -> list[Route]:
    """The routes of Stripe's API."""
    return [
        Route(path, endpoint(emulator, handler), methods=[method])
        for method, table in (("GET", _READ), ("POST", _WRITE))
        for path, handler in table.items()
    ]
