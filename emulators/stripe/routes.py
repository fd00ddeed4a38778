"""The API's paths and their handlers."""

from starlette.routing import Route

from emulators.stripe import (
    account,
    balance,
    balance_transactions,
    billing_portal,
    cash_balances,
    charges,
    cli_sessions,
    connected_accounts,
    coupons,
    customer_sources,
    customers,
    disputes,
    early_fraud_warnings,
    events,
    payment_intent_actions,
    payment_intents,
    payment_links,
    payment_methods,
    payment_pages_api,
    payouts,
    prices,
    products,
    promotion_codes,
    refunds,
    report_runs,
    saved_payment_methods,
    sessions,
    setup_intents,
    tax_rates,
    verification_sessions,
)
from emulators.stripe.emulator import Emulator
from emulators.stripe.endpoint import Handler, endpoint

_READ: dict[str, Handler] = {
    "/v1/account": account.retrieve_account,
    "/v1/balance": balance.retrieve_balance,
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
    "/v1/customers/{id}/cash_balance": cash_balances.retrieve_cash_balance,
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
    "/v1/stripecli/sessions": cli_sessions.create_session,
    "/v1/products": products.create_product,
    "/v1/products/{id}": products.update_product,
    "/v1/prices": prices.create_price,
    "/v1/prices/{id}": prices.update_price,
    "/v1/customers": customers.create_customer,
    "/v1/customers/{id}": customers.update_customer,
    "/v1/customers/{customer}/sources": customer_sources.create_source,
    "/v1/customers/{customer}/sources/{id}": customer_sources.SOURCES.update,
    "/v1/test_helpers/customers/{id}/fund_cash_balance": cash_balances.fund,
    "/v1/coupons": coupons.create_coupon,
    "/v1/promotion_codes": promotion_codes.create_promotion_code,
    "/v1/tax_rates": tax_rates.create_tax_rate,
    "/v1/payment_links": payment_links.create_payment_link,
    "/v1/payouts": payouts.create_payout,
    "/v1/topups": payouts.create_topup,
    "/v1/accounts": connected_accounts.create_account,
    "/v1/billing_portal/configurations": billing_portal.create_configuration,
    "/v1/billing_portal/sessions": billing_portal.create_session,
    "/v1/identity/verification_sessions": verification_sessions.create_session,
    "/v1/identity/verification_sessions/{id}/cancel": verification_sessions.cancel,
    "/v1/identity/verification_sessions/{id}/redact": verification_sessions.redact,
    "/v1/reporting/report_runs": report_runs.create_report_run,
    "/v1/checkout/sessions": sessions.create_session,
    "/v1/checkout/sessions/{id}/expire": sessions.expire_session,
    "/v1/payment_pages/{id}/confirm": payment_pages_api.confirm_page,
    "/v1/payment_methods": payment_methods.create_payment_method,
    "/v1/payment_methods/{id}": saved_payment_methods.update,
    "/v1/payment_methods/{id}/attach": saved_payment_methods.attach,
    "/v1/payment_methods/{id}/detach": saved_payment_methods.detach,
    "/v1/setup_intents": setup_intents.create_setup_intent,
    "/v1/setup_intents/{id}": setup_intents.update,
    "/v1/setup_intents/{id}/confirm": setup_intents.confirm,
    "/v1/setup_intents/{id}/cancel": setup_intents.cancel,
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
    "/v1/accounts/{id}": connected_accounts.delete_account,
    "/v1/coupons/{id}": coupons.COUPONS.delete,
}
# Retrieve and list.
_READABLE = (
    billing_portal.CONFIGURATIONS,
    connected_accounts.ACCOUNTS,
    coupons.COUPONS,
    payment_links.PAYMENT_LINKS,
    payouts.PAYOUTS,
    payouts.TOPUPS,
    promotion_codes.PROMOTION_CODES,
    report_runs.REPORT_RUNS,
    saved_payment_methods.PAYMENT_METHODS,
    setup_intents.SETUP_INTENTS,
    tax_rates.TAX_RATES,
    verification_sessions.VERIFICATION_SESSIONS,
)
# Update as `Resource` does.
_UPDATABLE = (
    billing_portal.CONFIGURATIONS,
    connected_accounts.ACCOUNTS,
    coupons.COUPONS,
    payment_links.PAYMENT_LINKS,
    payouts.PAYOUTS,
    promotion_codes.PROMOTION_CODES,
    tax_rates.TAX_RATES,
)


def api_routes(emulator: Emulator) -> list[Route]:
    """The routes of Stripe's API."""
    listed = {resource.path: resource.list for resource in _READABLE}
    retrieved = {f"{resource.path}/{{id}}": resource.retrieve for resource in _READABLE}
    updated = {f"{resource.path}/{{id}}": resource.update for resource in _UPDATABLE}
    read, write = {**_READ, **listed, **retrieved}, {**_WRITE, **updated}
    return [
        Route(path, endpoint(emulator, handler), methods=[method])
        for method, table in (("GET", read), ("POST", write), ("DELETE", _DELETE))
        for path, handler in table.items()
    ]
