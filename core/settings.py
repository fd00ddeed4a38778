"""The one place where the environment is read."""

from functools import cache
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_JWT_SECRET = "development-only-secret-of-32-bytes"  # noqa: S105 - production refuses it
DEVELOPMENT_STRIPE_KEY = "sk_test_emulator"
DEVELOPMENT_WEBHOOK_SECRET = "whsec_emulator"  # noqa: S105 - production refuses it


class Settings(BaseSettings):
    """Settings, read from variables with the prefix `AULA_`."""

    model_config = SettingsConfigDict(env_prefix="AULA_", extra="ignore", frozen=True)

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
    jwt_secret: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_JWT_SECRET),
        min_length=32,
        description="Signs access tokens; at least 32 bytes.",
    )
    access_token_seconds: int = Field(default=900, ge=60, le=3600, description="Life of an access token, seconds.")
    refresh_token_days: int = Field(default=30, ge=1, le=90, description="Life of a refresh token, days.")
    stripe_secret_key: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_STRIPE_KEY), min_length=1, description="Stripe's API key."
    )
    stripe_webhook_secret: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_WEBHOOK_SECRET),
        min_length=1,
        description="Stripe's endpoint secret; two separated by a comma while one is rotated.",
    )
    stripe_api_base: str | None = Field(default=None, description="Where Stripe's API is, when it is the emulator.")
    stripe_livemode: bool = Field(default=False, description="Whether events must be of live mode.")
    smtp_host: str = Field(default="127.0.0.1", description="The mail server's host.")
    smtp_port: int = Field(default=1025, ge=1, le=65535, description="The mail server's port.")
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
    job_retention_days: int = Field(default=14, ge=1, description="How long a finished job is kept, days.")

    @model_validator(mode="after")
    def _production_is_real(self) -> Self:
        if self.env != "production":
            return self
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
                "smtp_host",
            )
            if getattr(self, name) == getattr(defaults, name)
        ]
        if self.stripe_api_base:
            faults.append("AULA_STRIPE_API_BASE must not be set: production calls Stripe itself")
        if faults:
            raise ValueError("; ".join(faults))
        return self


@cache
def settings() -> Settings:
    """The process's settings. Raises pydantic's ValidationError naming each variable that is wrong."""
    return Settings()
