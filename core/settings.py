"""The one place where the environment is read."""

import os
from functools import cache
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.retention import Retention
from core.setting_faults import DEVELOPMENT_STRIPE_KEY, NO_PROXIES, faults_of, production_faults_of
from core.setting_variables import misspelt, values_of_files

DEVELOPMENT_JWT_SECRET = "development-only-secret-of-32-bytes"  # noqa: S105 - production refuses it
DEVELOPMENT_TOTP_KEY = "development-only-totp-key-of-32-bytes"
DEVELOPMENT_LIVEKIT_SECRET = "development-only-livekit-secret-32"  # noqa: S105 - production refuses it
DEVELOPMENT_WEBHOOK_SECRET = "whsec_emulator"  # noqa: S105 - production refuses it


class SettingsInvalid(Exception):  # noqa: N818 - a state of the environment, not a bug
    """The environment has variables that are wrong; the message names each, without its value."""


class Settings(BaseSettings, Retention):  # pyright: ignore[reportIncompatibleVariableOverride] - its own model_config counts
    """Settings, read from variables with the prefix `AULA_`; the base has how long rows are kept."""

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
    totp_key: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_TOTP_KEY),
        description="Encrypts the secrets of second factors; at least 32 bytes; two separated by a comma while one is "
        "changed, the new one first.",
    )
    access_token_seconds: int = Field(default=900, ge=60, le=3600, description="Life of an access token, seconds.")
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
    livekit_url: str = Field(
        default="ws://127.0.0.1:7880", description="Where clients and Aula reach LiveKit, with ws:// or wss://."
    )
    livekit_api_key: str = Field(default="devkey", description="LiveKit's API key.")
    livekit_api_secret: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_LIVEKIT_SECRET), description="The secret of that key; at least 32 bytes."
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
    app_store_url: str | None = Field(default=None, description="The app in Apple's App Store; unset: no button.")
    play_store_url: str | None = Field(default=None, description="The app in Google Play; unset: no button.")
    controller: str = Field(
        default="Aula (utveckling), Exempelgatan 1, 111 11 Stockholm",
        description="Who runs this and sells: name, address and registration number, separated by commas; the legal "
        "pages show it.",
    )
    controller_email: str = Field(
        default="hej@aula.example", description="Where people write about purchases and their data."
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
    audit_key: SecretStr | None = Field(
        default=None,
        description="Ed25519 key that signs the anchors of the audit log, 64 hex digits (`openssl rand -hex 32`); "
        "without one there are no anchors.",
    )
    audit_public_keys: str = Field(
        default="",
        description="Public keys of earlier `AULA_AUDIT_KEY`s, separated by commas: their anchors count too. "
        "`aula audit public-key` prints one.",
    )
    audit_anchors: str | None = Field(
        default=None,
        description="Folder that keeps the anchors, where the owner of the database cannot write; one for all hosts.",
    )

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The parts of `stripe_webhook_secret`, without the spaces around them."""
        return tuple(part.strip() for part in self.stripe_webhook_secret.get_secret_value().split(","))

    @property
    def totp_keys(self) -> tuple[str, ...]:
        """The parts of `totp_key`, without the spaces around them; the first one encrypts."""
        return tuple(part.strip() for part in self.totp_key.get_secret_value().split(","))

    @property
    def audit_trusted(self) -> tuple[str, ...]:
        """The parts of `audit_public_keys`."""
        return tuple(part.strip() for part in self.audit_public_keys.split(",") if part.strip())

    @property
    def origins(self) -> tuple[str, ...]:
        """The parts of `allowed_origins`."""
        return tuple(part.strip() for part in self.allowed_origins.split(",") if part.strip())

    @property
    def proxies(self) -> tuple[str, ...]:
        """The parts of `trusted_proxies`; empty for none."""
        if self.trusted_proxies in {None, NO_PROXIES}:
            return ()
        return tuple(part.strip() for part in str(self.trusted_proxies).split(","))

    # The secrets are checked here and not by their fields, so that one error names every variable.
    @model_validator(mode="after")
    def _no_faults(self) -> Self:
        faults = faults_of(self)
        if self.env == "production":
            faults += production_faults_of(self)
        if faults:
            raise ValueError("; ".join(faults))
        return self


@cache
def settings() -> Settings:
    """The process's settings. Raises SettingsInvalid naming each variable that is wrong."""
    variables = variable_names()
    if faults := misspelt(os.environ, variables.values()):
        raise SettingsInvalid("; ".join(faults))
    try:
        read = values_of_files(os.environ, variables.values())
    except ValueError as error:
        raise SettingsInvalid(str(error)) from None
    try:
        return Settings.model_validate({field: read[name] for field, name in variables.items() if name in read})
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise SettingsInvalid(
        "; ".join(
            f"{variables[str(fault['loc'][0])]}: {fault['msg']}"
            if fault["loc"]
            else fault["msg"].removeprefix("Value error, ")
            for fault in found
        )
    )


def variable_names() -> dict[str, str]:
    """The variable of each setting."""
    return {field: f"AULA_{field.upper()}" for field in Settings.model_fields}
