from collections.abc import Iterator

import pytest

from tasks import runtime
from tests.support.api_harness import ApiHarness, User
from tests.support.fake_gateway import FakeGateway
from tests.support.jobs import do
from tests.support.refund_harness import RefundHarness
from tests.support.webhook_harness import WebhookHarness


@pytest.fixture
def gateway(in_process: pytest.MonkeyPatch) -> FakeGateway:
    """A fake gateway in the worker."""
    fake = FakeGateway()
    in_process.setattr(runtime, "payments", lambda: fake)
    return fake


@pytest.fixture
def shop(api: ApiHarness, webhooks: WebhookHarness, gateway: FakeGateway) -> Iterator[RefundHarness]:
    """Every test leaves a state in which all invariants hold."""
    do(webhooks.sessions, "truncate app.findings, app.refunds cascade")
    harness = RefundHarness(api, webhooks, gateway)
    yield harness
    gateway.fault = None
    harness.run_later()
    assert harness.violations() == {}


@pytest.fixture
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


@pytest.fixture
def admin(api: ApiHarness) -> User:
    return api.user("admin")
