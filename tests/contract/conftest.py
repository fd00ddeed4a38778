"""Fixtures: each emulator in its own process, on free ports."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import stripe

from core.gateways.stripe import StripeGateway
from core.ports.rooms import RoomPlan
from scripts.local.ports import free_port
from tests.contract.live_servers import LiveServer, live_emulator, real_server
from tests.contract.processes import running_process
from tests.contract.receiver import WebhookReceiver, webhook_receiver

SECRET_KEY = "sk_test_contract0123456789"
WEBHOOK_SECRET = "whsec_contract0123456789"


@dataclass(frozen=True, slots=True)
class StripeEmulator:
    """A running emulator, the receiver of its webhooks, and clients for it."""

    base: str
    receiver: WebhookReceiver
    http: httpx.Client
    sdk: stripe.StripeClient
    gateway: StripeGateway
    pid: int


@contextmanager
def stripe_emulator_at(folder: Path, receiver: WebhookReceiver, port: int | None = None) -> Generator[StripeEmulator]:
    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    options = {
        "--port": str(port),
        "--data": str(folder),
        "--webhook-url": receiver.url,
        "--webhook-secret": WEBHOOK_SECRET,
        "--secret-key": SECRET_KEY,
        "--retry-base": "0.05",
        "--settle-after": "60",
        "--delivery-timeout": "2",
    }
    arguments = [word for pair in options.items() for word in pair]
    with (
        running_process("emulators.stripe", *arguments, health=f"{base}/healthz", log=folder / "log.txt") as process,
        httpx.Client(base_url=base, auth=(SECRET_KEY, ""), trust_env=False) as client,
    ):
        yield StripeEmulator(
            base,
            receiver,
            client,
            stripe.StripeClient(SECRET_KEY, base_addresses={"api": base}, max_network_retries=0),
            StripeGateway(SECRET_KEY, base),
            process.pid,
        )


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[StripeEmulator]:
    with webhook_receiver() as receiver, stripe_emulator_at(tmp_path_factory.mktemp("stripe"), receiver) as started:
        yield started


@dataclass(frozen=True, slots=True)
class MailEmulator:
    smtp_port: int
    http: httpx.Client
    folder: Path


@pytest.fixture(scope="module")
def mail_emulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[MailEmulator]:
    folder = tmp_path_factory.mktemp("mail")
    smtp_port, web_port = free_port(), free_port()
    base = f"http://127.0.0.1:{web_port}"
    options = ("--smtp-port", str(smtp_port), "--web-port", str(web_port), "--data", str(folder))
    with (
        running_process("emulators.mail", *options, health=f"{base}/healthz", log=folder / "log.txt"),
        httpx.Client(base_url=base, trust_env=False) as client,
    ):
        yield MailEmulator(smtp_port, client, folder)


@pytest.fixture(scope="module", params=["emulator", "livekit-server"])
def live_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """Each test runs against the emulator and, where it is installed, against LiveKit's own server."""
    start = live_emulator if request.param == "emulator" else real_server
    with (
        webhook_receiver(provider="livekit") as receiver,
        start(receiver, tmp_path_factory.mktemp("livekit")) as server,
    ):
        yield server


@pytest.fixture
def room(live_server: LiveServer) -> Generator[str]:
    """A room of the test's own."""
    name = f"seminar-{uuid4().hex[:8]}"
    live_server.gateway.create(RoomPlan(name, 12, timedelta(hours=1), timedelta(minutes=5), '{"title":"Live"}'))
    yield name
    live_server.gateway.delete(name)
