"""The steps of the demo purchase."""

from uuid import UUID

import httpx
import pytest

from scripts.local.processes import Processes
from scripts.run.demo_steps import PURCHASE_STEPS, run_steps
from scripts.run.environment import Environment
from scripts.run.errors import RunFailedError
from scripts.run.progress import PlainProgress
from scripts.run.purchase import Purchase
from scripts.seed import DemoOffers
from tests.unit.scripts.conftest import MakeSupervisor


def test_a_failed_step_gives_its_name_the_reason_and_the_log(
    make_supervisor: MakeSupervisor, processes: Processes, environment: Environment, progress: PlainProgress
) -> None:
    refuse = httpx.MockTransport(lambda _request: httpx.Response(422, json={"code": "password_weak"}))
    script = "print('started', flush=True); import time; time.sleep(600)"
    with make_supervisor(api=script) as supervisor, httpx.Client(transport=refuse) as client:
        supervisor.start(progress)
        progress.section("One purchase", [step.name for step in PURCHASE_STEPS])
        purchase = Purchase(environment, DemoOffers(UUID(int=1), UUID(int=2), UUID(int=3)), client)
        with pytest.raises(
            RunFailedError, match=r"register: POST /auth/register answered 422.*password_weak"
        ) as failed:
            run_steps(progress, PURCHASE_STEPS, purchase, supervisor)
    assert failed.value.logs == (processes.logs / "api.log",)
