"""The API's paths and their handlers."""

from starlette.routing import Route

from emulators.stripe import (
    account,
    balance_transactions,
    charges,
    customers,
    disputes,
    early_fraud_warnings,
    events,
    payment_intent_actions,
    payment_intents,
    payment_methods,
    payment_pages_api,
    prices,
    products,
    refunds,
    sessions,
)
from emulators.stripe.emulator import Emulator
from emulators.stripe.endpoint import Handler, endpoint

_READ: dict[str, Handler] = {
    "/v1/account": account.retrieve_account,
    "/v1/balance": account.retrieve_balance,
    "/v1/balance_transactions": balance_transactions.list_transactions,
    "/v1/balance_transactions/{id}": balance_transactions.retrieve_transaction,
    "/v1/webhook_endpoints": account.list_webhook_endpoints,
    "/v1/products": products.list_products,
    "/v1/products/{id}": products.retrieve_product,
    "/v1/prices": prices.list_prices,
    "/v1/prices/{id}": prices.retrieve_price,
    "/v1/customers": customers.list_customers,
    "/v1/customers/{id}": customers.retrieve_customer,
    "/v1/checkout/sessions": sessions.list_sessions,
    "/v1/checkout/sessions/{id}": sessions.retrieve_session,
    "/v1/checkout/sessions/{id}/line_items": sessions.list_lines,
    "/v1/payment_pages/{id}": payment_pages_api.retrieve_page,
    "/v1/payment_methods/{id}": payment_methods.retrieve_payment_method,
    "/v1/payment_intents": payment_intents.list_intents,
    "/v1/payment_intents/{id}": payment_intents.retrieve_intent,
    "/v1/charges": charges.list_charges,
    "/v1/charges/{id}": charges.retrieve_charge,
    "/v1/refunds": refunds.list_refunds,
    "/v1/refunds/{id}": refunds.retrieve_refund,
    "/v1/disputes": disputes.list_disputes,
    "/v1/disputes/{id}": disputes.retrieve_dispute,
    "/v1/radar/early_fraud_warnings": early_fraud_warnings.list_warnings,
    "/v1/radar/early_fraud_warnings/{id}": early_fraud_warnings.retrieve_warning,
    "/v1/events": events.list_events,
    "/v1/events/{id}": events.retrieve_event,
}
_WRITE: dict[str, Handler] = {
    "/v1/products": products.create_product,
    "/v1/products/{id}": products.update_product,
    "/v1/prices": prices.create_price,
    "/v1/prices/{id}": prices.update_price,
    "/v1/customers": customers.create_customer,
    "/v1/customers/{id}": customers.update_customer,
    "/v1/checkout/sessions": sessions.create_session,
    "/v1/checkout/sessions/{id}/expire": sessions.expire_session,
    "/v1/payment_pages/{id}/confirm": payment_pages_api.confirm_page,
    "/v1/payment_methods": payment_methods.create_payment_method,
    "/v1/payment_intents": payment_intent_actions.create,
    "/v1/payment_intents/{id}": payment_intents.update_intent,
    "/v1/payment_intents/{id}/confirm": payment_intent_actions.confirm,
    "/v1/payment_intents/{id}/capture": payment_intent_actions.capture,
    "/v1/payment_intents/{id}/cancel": payment_intent_actions.cancel,
    "/v1/charges/{id}": charges.update_charge,
    "/v1/refunds": refunds.create_refund,
    "/v1/refunds/{id}": refunds.update_refund,
    "/v1/refunds/{id}/cancel": refunds.cancel,
    "/v1/disputes/{id}": disputes.update_dispute,
    "/v1/disputes/{id}/close": disputes.close_dispute,
    "/v1/events/{id}/retry": events.retry_event,
}
_DELETE: dict[str, Handler] = {
    "/v1/products/{id}": products.delete_product,
    "/v1/customers/{id}": customers.delete_customer,
}


def api_routes(emulator: Emulator) -> list[Route]:
    """The routes of Stripe's API."""
    return [
        Route(path, endpoint(emulator, handler), methods=[method])
        for method, table in (("GET", _READ), ("POST", _WRITE), ("DELETE", _DELETE))
        for path, handler in table.items()
    ]
