"""The one place where the environment is read."""

import re
from functools import cache
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.addresses import is_network, is_private

DEVELOPMENT_JWT_SECRET = "development-only-secret-of-32-bytes"  # noqa: S105 - production refuses it
DEVELOPMENT_STRIPE_KEY = "sk_test_emulator"
DEVELOPMENT_WEBHOOK_SECRET = "whsec_emulator"  # noqa: S105 - production refuses it

# Bytes, as RFC 7518 asks for HS256.
SHORTEST_JWT_SECRET: Final = 32
SHORTEST_METRICS_TOKEN: Final = 32
# Characters after the prefix. Stripe's oldest keys have 24; this repository's made-up values have fewer.
SHORTEST_STRIPE_SECRET: Final = 24
# Whether a key with this prefix is of live mode.
_KEY_MODES: Final = {"sk_live_": True, "rk_live_": True, "sk_test_": False, "rk_test_": False}
_WEBHOOK_PREFIX: Final = "whsec_"
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
# Flower takes a comma for the end of a pair.
_BASIC_AUTH: Final = re.compile(r"[^:,\s]+:[^,\s]{16,}")
_NO_PROXIES: Final = "none"
# In the secrets and passwords of development, such as those of docker-compose.yml.
_DEVELOPMENT_MARK: Final = "development-only"


class SettingsInvalid(Exception):  # noqa: N818 - a state of the environment, not a bug
    """The environment has variables that are wrong; the message names each, without its value."""


class Settings(BaseSettings):
    """Settings, read from variables with the prefix `AULA_`."""

    # An error of pydantic has the input, and so secrets, unless it is hidden.
    model_config = SettingsConfigDict(env_prefix="AULA_", extra="ignore", frozen=True, hide_input_in_errors=True)

    env: Literal["development", "test", "production"] = Field(
        default="development",
        description="Where this runs; production refuses development secrets and emulators.",
    )
    database_url: str = Field(
        default="postgresql://aula@127.0.0.1:5432/aula", description="PostgreSQL 15 or newer, the truth."
    )
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", description="Redis or Valkey, the broker; may be wiped.")
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="Where buyers reach the API, without a slash at the end."
    )
    trusted_proxies: str | None = Field(
        default=None,
        description="Addresses or networks of the proxies before the API, separated by commas, or `none`; their "
        "`X-Forwarded-For` is believed.",
    )
    allowed_origins: str = Field(
        default="",
        description="Origins whose pages may call the API in a browser, such as `https://app.example`, separated by "
        "commas.",
    )
    jwt_secret: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_JWT_SECRET),
        description="Signs access tokens; at least 32 bytes.",
    )
    access_token_seconds: int = Field(default=900, ge=60, le=3600, description="Life of an access token, seconds.")
    refresh_token_days: int = Field(default=30, ge=1, le=90, description="Life of a refresh token, days.")
    stripe_secret_key: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_STRIPE_KEY),
        description="Stripe's API key; its mode is that of `AULA_STRIPE_LIVEMODE`.",
    )
    stripe_webhook_secret: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_WEBHOOK_SECRET),
        description="Stripe's endpoint secret; two separated by a comma while one is rotated.",
    )
    stripe_api_base: str | None = Field(default=None, description="Where Stripe's API is, when it is the emulator.")
    stripe_livemode: bool = Field(default=False, description="Whether events must be of live mode.")
    stripe_account: str | None = Field(
        default=None,
        pattern=r"^acct_[A-Za-z0-9]{1,64}$",
        description="The own account's id, if events name it; events that name another account are ignored.",
    )
    smtp_host: str = Field(default="127.0.0.1", description="The mail server's host.")
    smtp_port: int = Field(default=1025, ge=1, le=65535, description="The mail server's port.")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="none", description="How the connection to the mail server is encrypted; `tls` is usual on port 465."
    )
    smtp_username: str | None = Field(default=None, description="The login of the mail server, if it wants one.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="The password for that login.")
    mail_sender: str = Field(default="Aula <no-reply@aula.example>", description="The From of every mail.")
    operator_email: str | None = Field(default=None, description="Who gets an email about new findings.")
    worker_processes: int = Field(
        default=2,
        ge=1,
        le=64,
        description="Worker processes, all hosts together; one batch more is in flight while there is a backlog.",
    )
    batch_size: int = Field(default=500, ge=1, le=1000, description="Most jobs in one Celery message.")
    batch_window_ms: int = Field(
        default=0,
        ge=0,
        le=100,
        description="How long the relay waits for more jobs before it claims, milliseconds.",
    )
    lease_seconds: int = Field(
        default=30,
        ge=1,
        le=3600,
        description="How long a dispatched job may run before it is rescued, seconds.",
    )
    app_url: str | None = Field(
        default=None,
        description="Where buyers open the app, without a slash at the end; if unset, pages link to the API.",
    )
    order_minutes: int = Field(default=60, ge=35, le=1400, description="How long an unpaid order stays open, minutes.")
    rate_limit_attempts: int = Field(
        default=10, ge=1, description="Logins and registrations allowed per address and minute."
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token of `GET /metrics`, at least 32 characters; without one there are no metrics.",
    )
    flower_basic_auth: SecretStr | None = Field(
        default=None,
        description="`name:password` for Flower's pages, the password of at least 16 characters without a comma; "
        "outside development Flower needs it, unless it listens on loopback only.",
    )
    job_retention_days: int = Field(default=14, ge=1, description="How long a finished job is kept, days.")

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The parts of `stripe_webhook_secret`, without the spaces around them."""
        return tuple(part.strip() for part in self.stripe_webhook_secret.get_secret_value().split(","))

    @property
    def origins(self) -> tuple[str, ...]:
        """The parts of `allowed_origins`."""
        return tuple(part.strip() for part in self.allowed_origins.split(",") if part.strip())

    @property
    def proxies(self) -> tuple[str, ...]:
        """The parts of `trusted_proxies`; empty for none."""
        if self.trusted_proxies in {None, _NO_PROXIES}:
            return ()
        return tuple(part.strip() for part in str(self.trusted_proxies).split(","))

    # The secrets are checked here and not by their fields, so that one error names every variable.
    @model_validator(mode="after")
    def _no_faults(self) -> Self:
        faults = _faults(self)
        if self.env == "production":
            faults += _production_faults(self)
        if faults:
            raise ValueError("; ".join(faults))
        return self


@cache
def settings() -> Settings:
    """The process's settings. Raises SettingsInvalid naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise SettingsInvalid(
        "; ".join(
            f"AULA_{str(fault['loc'][0]).upper()}: {fault['msg']}"
            if fault["loc"]
            else fault["msg"].removeprefix("Value error, ")
            for fault in found
        )
    )


def _faults(given: Settings) -> list[str]:
    """What no environment may have. No fault has a value, because values may be secret."""
    key = given.stripe_secret_key.get_secret_value()
    mode = _key_mode(key)
    faults = [
        f"AULA_{name.upper()} is not UTF-8"
        for name in ("jwt_secret", "stripe_secret_key", "stripe_webhook_secret")
        if not _is_utf8(getattr(given, name).get_secret_value())
    ]
    if len(given.jwt_secret.get_secret_value().encode(errors="surrogateescape")) < SHORTEST_JWT_SECRET:
        faults.append(f"AULA_JWT_SECRET must have at least {SHORTEST_JWT_SECRET} bytes")
    if not key:
        faults.append("AULA_STRIPE_SECRET_KEY must not be empty")
    # The key of the emulator has no account behind it, so its mode means nothing.
    if key != DEVELOPMENT_STRIPE_KEY and mode is not None and mode is not given.stripe_livemode:
        faults.append(
            f"AULA_STRIPE_SECRET_KEY is a {'live' if mode else 'test'} key, but AULA_STRIPE_LIVEMODE is "
            f"{str(given.stripe_livemode).lower()}"
        )
    if given.smtp_username is not None and not given.smtp_password.get_secret_value():
        faults.append("AULA_SMTP_PASSWORD must be set with AULA_SMTP_USERNAME")
    if not all(given.webhook_secrets):
        faults.append("AULA_STRIPE_WEBHOOK_SECRET must not be empty or have an empty part beside a comma")
    if not all(_ORIGIN.fullmatch(part) for part in given.origins):
        faults.append("AULA_ALLOWED_ORIGINS must be origins such as https://app.example, without a path")
    if not all(is_network(part) for part in given.proxies):
        faults.append(f"AULA_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, or {_NO_PROXIES}")
    return faults + _operator_faults(given)


def _operator_faults(given: Settings) -> list[str]:
    """What the secrets of the pages for operators may not be, in any environment."""
    faults: list[str] = []
    if given.metrics_token and len(given.metrics_token.get_secret_value()) < SHORTEST_METRICS_TOKEN:
        faults.append(f"AULA_METRICS_TOKEN must have at least {SHORTEST_METRICS_TOKEN} characters")
    if given.flower_basic_auth and not _BASIC_AUTH.fullmatch(given.flower_basic_auth.get_secret_value()):
        faults.append("AULA_FLOWER_BASIC_AUTH must be name:password, the password of at least 16 characters, no commas")
    return faults


def _production_faults(given: Settings) -> list[str]:
    """What production may not have, beside `_faults`."""
    defaults = Settings.model_construct()
    faults = [
        f"AULA_{name.upper()} must be set: its default is for development only"
        for name in (
            "database_url",
            "redis_url",
            "public_url",
            "jwt_secret",
            "stripe_secret_key",
            "stripe_webhook_secret",
            "mail_sender",
        )
        if getattr(given, name) == getattr(defaults, name)
    ]
    faults += _production_mail_faults(given)
    if given.trusted_proxies is None:
        faults.append(f"AULA_TRUSTED_PROXIES must be set: the proxies before the API, or {_NO_PROXIES}")
    if given.stripe_api_base:
        faults.append("AULA_STRIPE_API_BASE must not be set: production calls Stripe itself")
    if not given.public_url.startswith("https://"):
        faults.append("AULA_PUBLIC_URL must begin with https://")
    for name in ("metrics_token", "flower_basic_auth"):
        secret: SecretStr | None = getattr(given, name)
        if secret and _DEVELOPMENT_MARK in secret.get_secret_value():
            faults.append(f"AULA_{name.upper()} is for development only")
    if _DEVELOPMENT_MARK in given.database_url:
        faults.append("AULA_DATABASE_URL has the password of development")
    return faults + _production_secret_faults(given)


def _production_mail_faults(given: Settings) -> list[str]:
    faults: list[str] = []
    if "smtp_host" not in given.model_fields_set:
        faults.append("AULA_SMTP_HOST must be set, also where the mail server is on the same machine")
    if given.smtp_security == "none" and not is_private(given.smtp_host):
        faults.append("AULA_SMTP_SECURITY must be set to starttls or tls, unless AULA_SMTP_HOST is a private address")
    return faults


def _production_secret_faults(given: Settings) -> list[str]:
    jwt_secret, key = given.jwt_secret.get_secret_value(), given.stripe_secret_key.get_secret_value()
    faults: list[str] = []
    if len(set(jwt_secret)) == 1:
        faults.append("AULA_JWT_SECRET repeats one character")
    if _DEVELOPMENT_MARK in jwt_secret:
        faults.append("AULA_JWT_SECRET is for development only")
    if _key_mode(key) is None:
        faults.append(f"AULA_STRIPE_SECRET_KEY must begin with one of {', '.join(_KEY_MODES)}")
    elif not _is_from_stripe(key, tuple(_KEY_MODES)):
        faults.append("AULA_STRIPE_SECRET_KEY is for development only: Stripe's keys are longer")
    if not all(part.startswith(_WEBHOOK_PREFIX) for part in given.webhook_secrets):
        faults.append(f"AULA_STRIPE_WEBHOOK_SECRET must begin with {_WEBHOOK_PREFIX}, each part of it")
    elif not all(_is_from_stripe(part, (_WEBHOOK_PREFIX,)) for part in given.webhook_secrets):
        faults.append("AULA_STRIPE_WEBHOOK_SECRET is for development only: Stripe's secrets are longer")
    return faults


def _is_utf8(value: str) -> bool:
    """Whether Python could decode the variable; it keeps other bytes as surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _key_mode(key: str) -> bool | None:
    """Whether a key is of live mode; None when its prefix does not tell."""
    return next((mode for prefix, mode in _KEY_MODES.items() if key.startswith(prefix)), None)


def _is_from_stripe(secret: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a secret is as long as Stripe's are; made-up ones of development are shorter."""
    return any(secret.startswith(p) and len(secret) - len(p) >= SHORTEST_STRIPE_SECRET for p in prefixes)
