from collections.abc import Generator, Iterator

import pytest
from pydantic import SecretStr

from core.settings import Settings, settings
from tasks import runtime
from tests.support.api_harness import ApiHarness, open_api
from tests.support.command_line import CommandLine
from tests.support.finding_scene import METRICS_TOKEN, OPERATOR_EMAIL, FindingScene
from tests.support.job_runner import open_runner
from tests.support.jobs import do
from tests.support.webhook_harness import WebhookHarness


@pytest.fixture(scope="module")
def api(database_url: str) -> Generator[ApiHarness]:
    """The application, with metrics."""
    own = Settings(
        env="test",
        database_url=database_url,
        rate_limit_attempts=10_000,
        metrics_token=SecretStr(METRICS_TOKEN),
    )
    with open_api(own) as opened:
        yield opened


@pytest.fixture
def scene(
    api: ApiHarness, webhooks: WebhookHarness, in_process: pytest.MonkeyPatch, database_url: str
) -> Iterator[FindingScene]:
    """An operator, and workers that call fakes of Stripe and of the mail server."""
    in_process.setenv("AULA_OPERATOR_EMAIL", OPERATOR_EMAIL)
    settings.cache_clear()
    do(webhooks.sessions, "update app.job_kinds set max_running = null")
    operator = api.user("admin")
    aula = CommandLine({"AULA_DATABASE_URL": database_url, "AULA_OPERATOR": operator.email, "PGCONNECT_TIMEOUT": "5"})
    with open_runner(webhooks.sessions, in_process) as runner:
        opened = FindingScene(api, aula, operator, webhooks, runner, in_process)
        in_process.setattr(runtime, "payments", lambda: opened.gateway)
        in_process.setattr(runtime, "books", lambda: opened.books)
        in_process.setattr(runtime, "mailer", lambda: opened.mailer)
        yield opened
