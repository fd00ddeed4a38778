"""Stripe's lists and objects, read afterwards: events, balance transactions, and objects by their id."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import stripe

from core.gateways.stripe import StripeGateway
from core.ports.books import BookEntry, EntryKind, Object, ObjectKind, Page, Window

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams, EventListParams

# Stripe's largest page.
_PAGE: Final = 100
# https://docs.stripe.com/reports/reporting-categories
_ENTRY_KINDS: Final[Mapping[str, EntryKind]] = {
    "charge": "payment",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "dispute": "dispute",
    "dispute_reversal": "dispute_reversal",
}


class StripeBooks:
    """Asks Stripe through the client of `gateway`; every answer is in the version that the SDK fixes."""

    def __init__(self, gateway: StripeGateway) -> None:
        self._gateway = gateway

    def fetch(self, kind: ObjectKind, object_id: str) -> Sequence[Object]:
        """The object; a charge comes with its balance transaction expanded and with its refunds, at most 100."""
        found = _raw(self._gateway.request(lambda client: _retrieve(client, kind, object_id)))
        if kind != "charge" or not found.get("amount_refunded"):
            return [found]
        refunds = self._gateway.request(lambda client: client.v1.refunds.list({"charge": object_id, "limit": _PAGE}))
        return [found, *map(_raw, refunds.data)]

    def list_events(self, types: Sequence[str], window: Window) -> Page[Object]:
        """One page of events."""
        params: EventListParams = {"types": list(types), "limit": _PAGE, "created": _created(window)}
        if window.after:
            params["starting_after"] = window.after
        page = self._gateway.request(lambda client: client.v1.events.list(params))
        return Page([_raw(event) for event in page.data], page.data[-1].id if page.has_more else None)

    def list_entries(self, window: Window) -> Page[BookEntry]:
        """One page of balance transactions, each read with what caused it."""
        params: BalanceTransactionListParams = {"limit": _PAGE, "expand": ["data.source"], "created": _created(window)}
        if window.after:
            params["starting_after"] = window.after
        page = self._gateway.request(lambda client: client.v1.balance_transactions.list(params))
        entries = [entry for one in page.data if (entry := _entry(_raw(one)))]
        return Page(entries, page.data[-1].id if page.has_more else None)


def _created(window: Window) -> Any:  # noqa: ANN401 - one shape for the parameters of two lists
    return {"gte": int(window.since.timestamp()), "lt": int(window.until.timestamp())}


def _retrieve(client: stripe.StripeClient, kind: ObjectKind, object_id: str) -> stripe.StripeObject:
    match kind:
        case "checkout.session":
            return client.v1.checkout.sessions.retrieve(object_id)
        case "payment_intent":
            return client.v1.payment_intents.retrieve(object_id)
        case "charge":
            return client.v1.charges.retrieve(object_id, {"expand": ["balance_transaction"]})
        case "refund":
            return client.v1.refunds.retrieve(object_id)
        case "dispute":
            return client.v1.disputes.retrieve(object_id)
        case "radar.early_fraud_warning":
            return client.v1.radar.early_fraud_warnings.retrieve(object_id)


def _raw(obj: stripe.StripeObject) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", obj.to_dict())


def _entry(transaction: Mapping[str, Any]) -> BookEntry | None:
    kind, source = _ENTRY_KINDS.get(transaction["reporting_category"]), transaction["source"]
    if kind is None or not isinstance(source, Mapping):
        return None
    caused_by = cast("Mapping[str, Any]", source)
    metadata: Mapping[str, Any] = caused_by.get("metadata") or {}
    return BookEntry(
        transaction_id=transaction["id"],
        kind=kind,
        object_id=caused_by["id"],
        # Money that was taken without an intent is known by its charge.
        payment_id=caused_by.get("payment_intent") or caused_by.get("charge") or caused_by["id"],
        order_id=metadata.get("order_id"),
        amount=caused_by["amount_captured"] if kind == "payment" else caused_by["amount"],
        currency=caused_by["currency"].upper(),
        fee_amount=transaction["fee"],
        settled_amount=transaction["amount"],
        settled_currency=transaction["currency"].upper(),
        booked_at=datetime.fromtimestamp(transaction["created"], UTC),
    )
