"""The ports, secrets and environment variables of one run's processes."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.local.ports import HOST, free_port
from scripts.local.services import LocalServices
from scripts.run.errors import RunFailedError

_SECRETS = ("jwt", "totp", "stripe", "webhook", "teacher", "metrics", "livekit", "audit")
# An Ed25519 key has so many bytes.
_SECRET_BYTES = {"audit": 32}
_API, _FLOWER, _STRIPE, _INBOX, _SMTP, _LIVEKIT, _CLIENT = 8000, 5555, 8010, 8025, 1025, 7880, 8550


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports on 127.0.0.1: the usual port of each process if it is free, else another."""

    api: int
    flower: int
    stripe: int
    inbox: int
    smtp: int
    livekit: int
    client: int


@dataclass(frozen=True, slots=True)
class Environment:
    """What the processes of one run share."""

    folder: Path
    ports: Ports
    variables: Mapping[str, str]
    teacher_password: str
    emulates_stripe: bool
    emulates_livekit: bool

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
    def stripe_cli_options(self) -> str:
        """What the Stripe command line needs to reach the emulator."""
        return f"--api-base {self.stripe} --api-key {self.variables['AULA_STRIPE_SECRET_KEY']}"

    @property
    def livekit(self) -> str:
        """The address of the LiveKit emulator."""
        return f"http://{HOST}:{self.ports.livekit}"

    @property
    def client(self) -> str:
        """The address of the app."""
        return f"http://{HOST}:{self.ports.client}/app"

    @property
    def inbox(self) -> str:
        """The address of the mail sink's web pages."""
        return f"http://{HOST}:{self.ports.inbox}"


def check_environment(*, once: bool) -> None:
    """Check the AULA_ variables that contradict a local run.

    Raises:
        RunFailedError: a variable does; the message names it.
    """
    if os.environ.get("AULA_ENV", "development") != "development":
        raise RunFailedError("make run is for development: unset AULA_ENV. the Procfile is for production.")
    if _uses_real_stripe() and once:
        raise RunFailedError("ONCE=1 pays through the emulator: unset AULA_STRIPE_SECRET_KEY.")
    if _uses_real_stripe() and not os.environ.get("AULA_STRIPE_WEBHOOK_SECRET"):
        raise RunFailedError(
            "AULA_STRIPE_SECRET_KEY is set, but AULA_STRIPE_WEBHOOK_SECRET is not: set both or neither."
        )


def make_environment(services: LocalServices) -> Environment:
    """Choose ports and secrets for a run on these services.

    With AULA_STRIPE_SECRET_KEY set, Stripe itself is used and no emulator runs; AULA_LIVEKIT_URL does so for LiveKit.
    """
    real_stripe = _uses_real_stripe()
    ports = Ports(*map(free_port, (_API, _FLOWER, _STRIPE, _INBOX, _SMTP, _LIVEKIT, _CLIENT)))
    own = _instance_secrets(services.folder / "secrets.json")
    anchors = services.folder / "anchors"
    anchors.mkdir(exist_ok=True)
    variables = {
        "AULA_ENV": "development",
        "AULA_DATABASE_URL": services.database_url,
        "AULA_REDIS_URL": services.redis_url,
        "AULA_PUBLIC_URL": f"http://{HOST}:{ports.api}",
        "AULA_API_URL": f"http://{HOST}:{ports.api}",
        "AULA_APP_URL": f"http://{HOST}:{ports.client}/app",
        # The app's process speaks for its visitors.
        "AULA_TRUSTED_PROXIES": HOST,
        "AULA_JWT_SECRET": os.environ.get("AULA_JWT_SECRET") or own["jwt"],
        "AULA_TOTP_KEY": os.environ.get("AULA_TOTP_KEY") or own["totp"],
        "AULA_METRICS_TOKEN": own["metrics"],
        "AULA_AUDIT_KEY": own["audit"],
        "AULA_AUDIT_ANCHORS": str(anchors),
        "AULA_SMTP_HOST": HOST,
        "AULA_SMTP_PORT": str(ports.smtp),
        # The supervisor reads the logs while they are written.
        "PYTHONUNBUFFERED": "1",
    }
    if not real_stripe:
        variables |= {
            "AULA_STRIPE_API_BASE": f"http://{HOST}:{ports.stripe}",
            "AULA_STRIPE_SECRET_KEY": f"sk_test_{own['stripe']}",
            "AULA_STRIPE_WEBHOOK_SECRET": f"whsec_{own['webhook']}",
        }
    real_livekit = bool(os.environ.get("AULA_LIVEKIT_URL"))
    if not real_livekit:
        variables |= {
            "AULA_LIVEKIT_URL": f"ws://{HOST}:{ports.livekit}",
            "AULA_LIVEKIT_API_KEY": "devkey",
            "AULA_LIVEKIT_API_SECRET": own["livekit"],
        }
    return Environment(
        services.folder,
        ports,
        variables,
        own["teacher"],
        emulates_stripe=not real_stripe,
        emulates_livekit=not real_livekit,
    )


def _uses_real_stripe() -> bool:
    return bool(os.environ.get("AULA_STRIPE_SECRET_KEY"))


def _instance_secrets(path: Path) -> dict[str, str]:
    """Secrets of this instance, stored so that tokens and signatures stay valid after a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("{}", encoding="ascii")
    stored: dict[str, str] = json.loads(path.read_text(encoding="ascii"))
    # The file of an older release has fewer.
    made = {name: stored.get(name) or secrets.token_hex(_SECRET_BYTES.get(name, 24)) for name in _SECRETS}
    path.write_text(json.dumps(made), encoding="ascii")
    return made
