"""How long each kind of row is kept: a part of the settings, since the law and the disk of an operator decide."""

from pydantic import BaseModel, Field


class Retention(BaseModel):
    """Retentions in days. `docs/retention.md` says what each means for every table."""

    refresh_token_days: int = Field(default=30, ge=1, le=90, description="Life of a refresh token, days.")
    job_retention_days: int = Field(default=14, ge=1, description="How long a finished job is kept, days.")
    dead_job_retention_days: int = Field(
        default=365, ge=30, description="How long a dead job is kept, unless a finding about it is open, days."
    )
    event_retention_days: int = Field(
        default=730,
        ge=60,
        description="How long an applied or ignored event of a provider is kept, with its body, unless a finding "
        "about it is open, days.",
    )
    mail_retention_days: int = Field(
        default=730, ge=30, description="How long it is known that an email was sent, days."
    )
    idempotency_retention_days: int = Field(
        default=2, ge=1, description="How long a client may repeat a request with its key, days."
    )
    rate_limit_retention_days: int = Field(
        default=2, ge=2, description="How long counts of attempts are kept, days; the longest window is one."
    )
    session_retention_days: int = Field(
        default=30, ge=1, description="How long a session is kept after its end, so that a person can be told, days."
    )
    link_retention_days: int = Field(
        default=7, ge=1, description="How long a link of an email is kept after it has expired, days."
    )
    unproven_retention_days: int = Field(
        default=7, ge=2, description="How long an account waits for its address to be proven, days."
    )
    started_factor_retention_days: int = Field(
        default=1, ge=1, description="How long a second factor that was not confirmed is kept, days."
    )
    gift_retention_days: int = Field(
        default=90, ge=1, description="How long a gift waits for an account with its address, days."
    )
