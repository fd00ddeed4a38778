"""The processes of a run: how each is started, and how one knows that it is ready."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from scripts.local.ports import HOST
from scripts.local.processes import Process
from scripts.run.environment import Surroundings

# Seconds an address has to answer.
_TIMEOUT = 5.0
# Alone on its broker, a worker has no neighbours to ask and wait for.
_WORKER = ("worker", "--events", "--concurrency=2", "--without-mingle", "--without-gossip")

Ready = Callable[[Process], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """One process; `note` is shown beside its name."""

    name: str
    arguments: Sequence[str]
    ready: Ready
    note: str = ""

    @property
    def command(self) -> list[str]:
        """The command line, on this very Python."""
        return [sys.executable, *self.arguments]


def parts_of(surroundings: Surroundings) -> list[Part]:
    """All processes, in the order in which they start."""
    emulated = [_stripe(surroundings)] if surroundings.emulates_stripe else []
    return [
        *emulated,
        _mail(surroundings),
        _api(surroundings),
        Part("relay", ["-m", "workers.relay"], _answers(f"{surroundings.api}/readyz")),
        _celery("worker", *_WORKER, says="worker: ready"),
        _celery("beat", "beat", f"--schedule={surroundings.folder / 'beat'}", "--pidfile=", says="beat: Starting"),
        _flower(surroundings),
    ]


def _api(surroundings: Surroundings) -> Part:
    serve = ["-m", "uvicorn", "api.main:app", "--host", HOST, "--port", str(surroundings.ports.api)]
    fast = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    return Part("api", [*serve, *fast], _answers(f"{surroundings.api}/healthz"), surroundings.api)


def _stripe(surroundings: Surroundings) -> Part:
    arguments = [
        *("-m", "scripts.run.stripe_emulator"),
        f"--port={surroundings.ports.stripe}",
        f"--data={surroundings.folder / 'stripe'}",
        f"--webhook-url={surroundings.api}/webhooks/stripe",
    ]
    note = f"{surroundings.stripe}  (no money moves)"
    return Part("stripe", arguments, _answers(f"{surroundings.stripe}/healthz"), note)


def _mail(surroundings: Surroundings) -> Part:
    arguments = [
        *("-m", "emulators.mail"),
        f"--smtp-port={surroundings.ports.smtp}",
        f"--web-port={surroundings.ports.inbox}",
        f"--data={surroundings.folder / 'mail'}",
    ]
    return Part("mail", arguments, _answers(f"{surroundings.inbox}/healthz"), surroundings.inbox)


def _flower(surroundings: Surroundings) -> Part:
    options = [f"--address={HOST}", f"--port={surroundings.ports.flower}"]
    arguments = ["-m", "celery", "--app=workers.app", "flower", *options]
    return Part("flower", arguments, _answers(surroundings.flower), surroundings.flower)


def _celery(name: str, *arguments: str, says: str) -> Part:
    return Part(name, ["-m", "celery", "--app=workers.app", *arguments, "--loglevel=INFO"], _says(says))


def _answers(address: str) -> Ready:
    def ready(_process: Process) -> bool:
        try:
            return httpx.get(address, timeout=_TIMEOUT, follow_redirects=True).is_success
        except httpx.TransportError:
            return False

    return ready


def _says(words: str) -> Ready:
    def ready(process: Process) -> bool:
        return words in process.log.read_text(encoding="utf-8", errors="replace")

    return ready
