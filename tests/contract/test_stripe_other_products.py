"""Connected accounts, the billing portal, identity checks and reports; and what the emulator refuses."""

import pytest
import stripe

from tests.contract.checkouts import events_about
from tests.contract.conftest import StripeEmulator


def test_a_connected_account_is_updated_and_leaves(emulator: StripeEmulator) -> None:
    accounts = emulator.sdk.v1.accounts
    account = accounts.create({"type": "standard"})
    assert accounts.update(account.id, {"email": "teacher@example.com"}).email == "teacher@example.com"
    assert accounts.delete(account.id).deleted
    assert events_about(emulator, account.id) == ["account.updated"]
    newest = emulator.sdk.v1.events.list({"limit": 1}).data[0]
    assert newest.type == "account.application.deauthorized"


def test_a_portal_has_a_configuration_and_sessions(emulator: StripeEmulator) -> None:
    portal = emulator.sdk.v1.billing_portal
    configuration = portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    assert configuration.features.invoice_history.enabled
    portal.configurations.update(configuration.id, {"metadata": {"a": "1"}})
    customer = emulator.sdk.v1.customers.create({}).id
    session = portal.sessions.create({"customer": customer, "configuration": configuration.id})
    assert session.url.endswith(session.id)
    kinds = ["billing_portal.configuration.created", "billing_portal.configuration.updated"]
    assert events_about(emulator, configuration.id) == kinds
    assert events_about(emulator, session.id) == ["billing_portal.session.created"]
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        portal.sessions.create({"customer": "cus_unknown"})


def test_an_identity_check_is_cancelled_once_and_redacted(emulator: StripeEmulator) -> None:
    sessions = emulator.sdk.v1.identity.verification_sessions
    session = sessions.create({"type": "document", "return_url": "https://shop.example"})
    assert (session.status, sessions.cancel(session.id).status) == ("requires_input", "canceled")
    with pytest.raises(stripe.InvalidRequestError, match="cannot be canceled"):
        sessions.cancel(session.id)
    assert sessions.redact(session.id).redaction is not None
    kinds = [f"identity.verification_session.{what}" for what in ("created", "canceled", "redacted")]
    assert events_about(emulator, session.id) == kinds


def test_a_report_succeeds_at_once(emulator: StripeEmulator) -> None:
    run = emulator.sdk.v1.reporting.report_runs.create({"report_type": "balance.summary.1"})
    assert emulator.sdk.v1.reporting.report_runs.retrieve(run.id).status == "succeeded"
    assert events_about(emulator, run.id) == ["reporting.report_run.succeeded"]


@pytest.mark.parametrize(
    "path", ["/v1/plans", "/v1/subscriptions/sub_1", "/v1/invoices", "/v1/issuing/cards/ic_1", "/v2/billing/meters"]
)
def test_what_is_not_emulated_is_refused_with_the_reason(emulator: StripeEmulator, path: str) -> None:
    refused = emulator.http.get(path)
    assert refused.status_code == 404
    assert "not emulated" in refused.json()["error"]["message"]
