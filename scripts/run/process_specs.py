"""The processes of a run: the command of each, and how its readiness is detected."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from scripts.local.ports import HOST
from scripts.local.processes import Process
from scripts.run.environment import Environment

# Seconds.
_HTTP_TIMEOUT = 5.0
# The only worker on its broker need not wait for others.
_WORKER = ("worker", "--events", "--concurrency=2", "--without-mingle", "--without-gossip")

Ready = Callable[[Process], bool]


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process; `note` is printed beside its name."""

    name: str
    arguments: Sequence[str]
    ready: Ready
    note: str = ""

    @property
    def command(self) -> list[str]:
        """The command line, with the running interpreter."""
        return [sys.executable, *self.arguments]


def make_specs(environment: Environment) -> list[ProcessSpec]:
    """All processes, in start order."""
    stripe = [_stripe(environment)] if environment.emulates_stripe else []
    livekit = [_livekit(environment)] if environment.emulates_livekit else []
    return [
        *stripe,
        *livekit,
        _mail(environment),
        _api(environment),
        _client(environment),
        ProcessSpec("relay", ["-m", "workers.relay"], _answers_http(f"{environment.api}/readyz")),
        _celery("worker", *_WORKER, ready_text="worker: ready"),
        _celery("beat", "beat", f"--schedule={environment.folder / 'beat'}", "--pidfile=", ready_text="beat: Starting"),
        _flower(environment),
    ]


def _api(environment: Environment) -> ProcessSpec:
    command = ["-m", "api", "--host", HOST, "--port", str(environment.ports.api)]
    return ProcessSpec("api", command, _answers_http(f"{environment.api}/healthz"), environment.api)


def _stripe(environment: Environment) -> ProcessSpec:
    arguments = [
        *("-m", "scripts.run.stripe_emulator"),
        f"--port={environment.ports.stripe}",
        f"--data={environment.folder / 'stripe'}",
        f"--webhook-url={environment.api}/webhooks/stripe",
    ]
    note = f"{environment.stripe}  (no money moves)"
    return ProcessSpec("stripe", arguments, _answers_http(f"{environment.stripe}/healthz"), note)


def _livekit(environment: Environment) -> ProcessSpec:
    arguments = [
        *("-m", "emulators.livekit"),
        f"--port={environment.ports.livekit}",
        f"--webhook-url={environment.api}/webhooks/livekit",
    ]
    note = f"{environment.livekit}  (rooms for this machine)"
    return ProcessSpec("livekit", arguments, _answers_http(environment.livekit), note)


def _client(environment: Environment) -> ProcessSpec:
    arguments = ["-m", "client", "--host", HOST, "--port", str(environment.ports.client)]
    return ProcessSpec("client", arguments, _answers_http(f"{environment.client}/"), environment.client)


def _mail(environment: Environment) -> ProcessSpec:
    arguments = [
        *("-m", "emulators.mail"),
        f"--smtp-port={environment.ports.smtp}",
        f"--web-port={environment.ports.inbox}",
        f"--data={environment.folder / 'mail'}",
    ]
    return ProcessSpec("mail", arguments, _answers_http(f"{environment.inbox}/healthz"), environment.inbox)


def _flower(environment: Environment) -> ProcessSpec:
    options = [f"--port={environment.ports.flower}", f"--history={environment.folder / 'flower'}"]
    arguments = ["-m", "workers.flower", "--host", HOST, *options]
    return ProcessSpec("flower", arguments, _answers_http(environment.flower), environment.flower)


def _celery(name: str, *arguments: str, ready_text: str) -> ProcessSpec:
    return ProcessSpec(
        name, ["-m", "celery", "--app=workers.app", *arguments, "--loglevel=INFO"], _logs_text(ready_text)
    )


def _answers_http(address: str) -> Ready:
    def ready(_process: Process) -> bool:
        try:
            return httpx.get(address, timeout=_HTTP_TIMEOUT, follow_redirects=True).is_success
        except httpx.TransportError:
            return False

    return ready


def _logs_text(text: str) -> Ready:
    def ready(process: Process) -> bool:
        return text in process.log.read_text(encoding="utf-8", errors="replace")

    return ready
