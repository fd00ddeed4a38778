"""Starts all parts of the purchase machine in this process: the API, Stripe's emulator, and a worker, on one clock."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import event

from core.accounts.passwords import hash_password
from core.clock import Clock
from core.gateways import stripe as stripe_gateway
from core.gateways.breaker import Breaker
from core.settings import Settings
from core.wiring import gateways
from tasks import findings, mail, orders, payments, privacy, refunds, runtime, webhooks
from tests.chaos.purchase_world import PASSWORD, ApiKillSwitch, World
from tests.chaos.stripe_thread import SECRET_KEY, WEBHOOK_SECRET, stripe_thread
from tests.contract.conftest import MailEmulator
from tests.support.api_harness import ApiHarness, TestClock, open_api
from tests.support.job_runner import open_runner
from tests.support.jobs import job_sessions

PRODUCTS = ("course A", "course B", "both courses", "a service", "course A and a service", "a free course")


@contextmanager
def worker_settings(chosen: Settings, clock: Clock) -> Generator[pytest.MonkeyPatch]:
    """Let tasks run in this process, on the clock of the test; a call to Stripe is made once, without pauses."""
    with pytest.MonkeyPatch.context() as patch:
        runtime.reset_after_fork()
        patch.setattr(runtime, "settings", lambda: chosen)
        patch.setattr(stripe_gateway, "RETRIES", 0)

        def make_breaker(name: str) -> Breaker:
            # Its pauses end when time passes in the story.
            return Breaker(name, lambda: clock().timestamp())

        patch.setattr(gateways, "make_breaker", make_breaker)
        for module in (findings, mail, orders, payments, privacy, refunds, webhooks):
            patch.setattr(module, "utc_now", clock)
        # Made here, because threads of a task would each make their own.
        made = [runtime.engine(), runtime.statement_engine()]
        runtime.sessions()
        yield patch
        for engine in made:
            engine.dispose()
    runtime.reset_after_fork()


@contextmanager
def open_world(database_url: str, folder: Path, smtp_port: int) -> Generator[World]:
    clock, switch = TestClock(), ApiKillSwitch()
    with ExitStack() as stack:
        stripe = stack.enter_context(stripe_thread(folder, clock))
        chosen = Settings(
            env="test",
            database_url=database_url,
            smtp_port=smtp_port,
            stripe_api_base=stripe.base,
            stripe_secret_key=SecretStr(SECRET_KEY),
            stripe_webhook_secret=SecretStr(WEBHOOK_SECRET),
            rate_limit_attempts=10_000,
        )
        patch = stack.enter_context(worker_settings(chosen, clock))
        sessions = stack.enter_context(job_sessions(database_url))
        jobs = stack.enter_context(open_runner(sessions, patch))
        api = stack.enter_context(open_api(chosen, clock))
        event.listen(api.app.state.aula.sessions, "before_commit", switch.reach)
        yield World(api, stripe, jobs, switch, products_of(api), hash_password(PASSWORD), api.user("admin"))


def products_of(api: ApiHarness) -> Mapping[str, Sequence[Mapping[str, object]]]:
    a, b, service = api.course(), api.course(), api.service()
    items = ([a], [b], [a, b], [service], [a, service], [api.course(0)])
    return dict(zip(PRODUCTS, items, strict=True))


@pytest.fixture(scope="module")
def purchase_world(
    database_url: str, mail_emulator: MailEmulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with open_world(database_url, tmp_path_factory.mktemp("stripe"), mail_emulator.smtp_port) as opened:
        yield opened
