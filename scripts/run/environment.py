"""What the processes of one run are told: addresses, ports, and secrets made once for each instance."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.local.ports import HOST, free_port
from scripts.local.services import LocalServices
from scripts.run.errors import RunFailedError

_API, _FLOWER, _STRIPE, _INBOX, _SMTP = 8000, 5555, 8010, 8025, 1025


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens on 127.0.0.1: the usual port if it is free, else another."""

    api: int
    flower: int
    stripe: int
    inbox: int
    smtp: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that one run's processes share."""

    folder: Path
    ports: Ports
    variables: Mapping[str, str]
    teacher_password: str
    emulates_stripe: bool

    @property
    def api(self) -> str:
        """The address of the API."""
        return f"http://{HOST}:{self.ports.api}"

    @property
    def flower(self) -> str:
        """The address of Flower."""
        return f"http://{HOST}:{self.ports.flower}"

    @property
    def stripe(self) -> str:
        """The address of the Stripe emulator."""
        return f"http://{HOST}:{self.ports.stripe}"

    @property
    def inbox(self) -> str:
        """The address of the mail sink's pages."""
        return f"http://{HOST}:{self.ports.inbox}"


def refuse_unfit_environment(*, once: bool) -> None:
    """See that nothing in the environment contradicts a run on this machine.

    Raises:
        RunFailedError: something does; the message names the variable.
    """
    if os.environ.get("AULA_ENV", "development") != "development":
        raise RunFailedError("make run is for development: unset AULA_ENV. Procfile says what production runs.")
    if _real_stripe() and once:
        raise RunFailedError("ONCE=1 pays at the emulator's page: unset AULA_STRIPE_SECRET_KEY.")
    if _real_stripe() and not os.environ.get("AULA_STRIPE_WEBHOOK_SECRET"):
        raise RunFailedError(
            "AULA_STRIPE_SECRET_KEY is set, but AULA_STRIPE_WEBHOOK_SECRET is not: set both or neither."
        )


def make_surroundings(services: LocalServices) -> Surroundings:
    """Choose ports and secrets for a run on these services.

    A Stripe key in the environment is a real one: it is used, and no emulator runs.
    """
    real_stripe = _real_stripe()
    ports = Ports(*(free_port(preferred) for preferred in (_API, _FLOWER, _STRIPE, _INBOX, _SMTP)))
    own = _own_secrets(services.folder / "secrets.json")
    variables = {
        "AULA_ENV": "development",
        "AULA_DATABASE_URL": services.database_url,
        "AULA_REDIS_URL": services.redis_url,
        "AULA_PUBLIC_URL": f"http://{HOST}:{ports.api}",
        "AULA_JWT_SECRET": os.environ.get("AULA_JWT_SECRET") or own["jwt"],
        "AULA_SMTP_HOST": HOST,
        "AULA_SMTP_PORT": str(ports.smtp),
        # Logs are read while they are written.
        "PYTHONUNBUFFERED": "1",
    }
    if not real_stripe:
        variables |= {
            "AULA_STRIPE_API_BASE": f"http://{HOST}:{ports.stripe}",
            "AULA_STRIPE_SECRET_KEY": f"sk_test_{own['stripe']}",
            "AULA_STRIPE_WEBHOOK_SECRET": f"whsec_{own['webhook']}",
        }
    return Surroundings(services.folder, ports, variables, own["teacher"], emulates_stripe=not real_stripe)


def _real_stripe() -> bool:
    return bool(os.environ.get("AULA_STRIPE_SECRET_KEY"))


def _own_secrets(path: Path) -> dict[str, str]:
    """Secrets of this instance, kept so that tokens and signatures outlive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        made = {name: secrets.token_hex(24) for name in ("jwt", "stripe", "webhook", "teacher")}
        path.write_text(json.dumps(made), encoding="ascii")
    return json.loads(path.read_text(encoding="ascii"))
