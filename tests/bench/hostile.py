"""How long a buyer waits beside hostile clients: `python -m tests.bench.hostile` writes docs/hostile-clients.md."""

import itertools
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.tokens import issue
from core.identity import Identity
from core.settings import Settings
from db.engine import make_engine, make_sessions
from db.models import LoginSession, Order, Service
from scripts.local.instances import ROOT
from scripts.local.ports import free_port
from scripts.local.services import LocalServices
from tests.bench.attackers import ATTACKS, Attack
from tests.bench.harness import Environment, Harness
from tests.bench.report import machine
from tests.bench.workloads import load_pending_orders
from tests.support.waiting import wait_until

PAGE: Final = ROOT / "docs" / "hostile-clients.md"
# A person may have ten streams.
_FOLLOWERS: Final = 100
_SECONDS: Final = 12.0
# Until the attackers are all connected.
_LEAD: Final = 3.0
_HEAD: Final = """<!-- Written by `python -m tests.bench.hostile`. Run it instead of changing this page. -->

# Hostile clients

A buyer lists services, reads his orders and places one, again and again over one connection. Beside him attackers of
one kind do what they can; each starts again when the server ends its connection. One API process, and attackers, buyer
and PostgreSQL on the same machine: {machine}

`times idle` compares with the buyer's median just before the attack. `closed` is a connection that ended
without an answer, or with the measurement."""
_COLUMNS: Final = ("attackers", "idle, median ms", "beside, median ms", "beside, 99th ms", "times idle", "answered")
_ACTS: Final[Mapping[str, str]] = {
    "half-open": "begin a request and send no more of it",
    "endless-head": "send headers without end",
    "slow-body": "send one byte of a body a second",
    "large-body": "send a body of 100 MiB",
    "login": "sign in with a wrong password; no limit on attempts is set, so that every password is checked",
    "stream": "follow an order as an event stream",
}


@dataclass(frozen=True, slots=True)
class Buyer:
    """A client at `url` who buys the service; `token` is his."""

    url: str
    token: str
    service_id: str

    def measure(self, seconds: float) -> list[float]:
        """Milliseconds of each of his requests. Raises ValueError for one that is not answered as it should be."""
        waits: list[float] = []
        order = {"items": [{"service_id": self.service_id, "quantity": 1}]}
        until = time.monotonic() + seconds
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30) as http:
            asks = (
                lambda: http.get("/services"),
                lambda: http.get("/me/orders"),
                lambda: http.post("/orders", json=order),
            )
            for ask in itertools.cycle(asks):
                since = time.perf_counter()
                answer = ask()
                waits.append((time.perf_counter() - since) * 1000)
                if answer.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED}:
                    raise ValueError(answer.text)
                if time.monotonic() >= until:
                    return waits
        raise AssertionError("the cycle of requests has no end")


@dataclass(frozen=True, slots=True)
class Run:
    """The buyer's milliseconds without and with an attack, and what the attackers were answered."""

    attack: Attack
    idle: list[float]
    beside: list[float]
    answered: Counter[str]

    def row(self) -> Sequence[str]:
        """The run as a row of the page."""
        times = median(self.beside) / median(self.idle)
        answers = ", ".join(f"{count} × {what}" for what, count in sorted(self.answered.items()))
        figures = [f"{median(self.idle):.1f}", f"{median(self.beside):.1f}", f"{quantiles(self.beside, n=100)[-1]:.0f}"]
        return [f"{self.attack.count} {_ACTS[self.attack.name]}", *figures, f"{times:.1f}", answers or "none"]


def sign_in(session: Session, profile_ids: Sequence[object]) -> list[str]:
    """An access token for each profile."""
    now = datetime.now(UTC)
    ends = now + timedelta(days=1)
    logins = [LoginSession(profile_id=one, created_at=now, used_at=now, expires_at=ends) for one in profile_ids]
    session.add_all(logins)
    session.flush()
    settings = Settings(env="test")
    return [issue(settings, Identity(login.profile_id, "member", login.id, "aal1"), now) for login in logins]


def prepare(environment: Environment, url: str) -> tuple[Buyer, Path]:
    """A buyer, and a file of the streams that attackers may follow."""
    engine = make_engine(environment.database_url, 1)
    with make_sessions(engine).begin() as session:
        orders = list(session.scalars(select(Order).limit(_FOLLOWERS + 1)))
        buyer, *followers = sign_in(session, [order.profile_id for order in orders])
        service = str(session.scalars(select(Service.id)).one())
    engine.dispose()
    file = environment.services.folder / "streams.json"
    pairs = [(token, str(order.id)) for token, order in zip(followers, orders[1:], strict=True)]
    file.write_text(json.dumps(pairs), encoding="utf-8")
    return Buyer(url, buyer, service), file


def measure(environment: Environment, buyer: Buyer, attack: Attack, *options: str) -> Run:
    """The buyer's requests before and beside one attack."""
    idle = buyer.measure(_SECONDS)
    result = environment.services.folder / f"{attack.name}.json"
    process = environment.start(attack.name, "tests.bench.attackers", attack.name, "--result", str(result), *options)
    buyer.measure(_LEAD)
    beside = buyer.measure(_SECONDS)
    environment.services.processes.stop(process)
    return Run(attack, idle, beside, Counter(json.loads(result.read_text(encoding="utf-8"))))


def measure_all(harness: Harness) -> list[Run]:
    runs: list[Run] = []
    with harness.open(load_pending_orders, _FOLLOWERS + 1) as environment:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment.start("api", "api", "--port", str(port))
        wait_until(lambda: _answers(url), "the API serves")
        buyer, streams = prepare(environment, url)
        buyer.measure(_LEAD)
        for attack in ATTACKS.values():
            run = measure(environment, buyer, attack, "--port", str(port), "--streams", str(streams))
            print("  " + "; ".join(run.row()), flush=True)
            runs.append(run)
    return runs


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def main() -> None:
    with LocalServices("bench", fresh=True) as services:
        runs = measure_all(Harness(services))
        about = machine(services.database_url)
    text = "\n".join(
        f"| {' | '.join(row)} |" for row in (_COLUMNS, ["---"] * len(_COLUMNS), *(run.row() for run in runs))
    )
    PAGE.write_text(f"{_HEAD.format(machine=about)}\n\n{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
