"""What lists and replays may be filtered by. An unknown filter is refused, and the allowed ones are named."""

from typing import Annotated, Literal, cast
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from core.audit.tags import Tag
from core.findings.kinds import Kind
from core.inputs import Input
from core.text import Line
from db.models import JobState, OrderState, ProfileRole, WebhookState

Name = Annotated[Line, Field(min_length=1, max_length=100)]
ProviderId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,255}$")]
Search = Annotated[Line, Field(min_length=3, max_length=200)]


def _names(given: object) -> list[str]:
    return list(cast("dict[str, object]", given)) if isinstance(given, dict) else []


class Filter(Input):
    """The base of all filters."""

    @model_validator(mode="before")
    @classmethod
    def _has_only_known_filters(cls, given: object) -> object:
        unknown = [name for name in _names(given) if name not in cls.model_fields]
        if unknown:
            raise ValueError(f"there is no filter {unknown[0]!r:.50}; there are {', '.join(cls.model_fields)}")
        return given


class TimeFilter(Filter):
    """Rows that were made in a span of time."""

    since: AwareDatetime | None = Field(
        default=None, description="Made at this time or later; ISO 8601 with a time zone."
    )
    until: AwareDatetime | None = Field(default=None, description="Made before this time.")


class FindingFilter(TimeFilter):
    """Which findings; `since` and `until` are about when they opened."""

    kind: Kind | None = None
    state: Literal["open", "closed"] | None = None
    order_id: UUID | None = Field(default=None, description="The order that the finding is about.")


class JobFilter(TimeFilter):
    """Which jobs."""

    state: JobState | None = None
    kind: Name | None = Field(default=None, description="Such as `mail.send`.")
    queue: Name | None = Field(default=None, description="Such as `mail`.")
    subject_id: UUID | None = Field(default=None, description="An id in the payload, such as an order's or an event's.")
    cause_id: UUID | None = Field(default=None, description="The request, event, checkout or job that caused it.")
    profile_id: UUID | None = Field(default=None, description="The person that may see the job.")
    error: Search | None = Field(default=None, description="Text in the last error, whatever its case.")


class EventFilter(TimeFilter):
    """Which events of providers; `since` and `until` are about when they were received."""

    state: WebhookState | None = None
    type: Name | None = Field(default=None, description="The provider's type, such as `charge.updated`.")
    order_id: UUID | None = Field(default=None, description="The order that the event names.")
    outcome: Search | None = Field(default=None, description="Text in the outcome, whatever its case.")


class OrderFilter(TimeFilter):
    """Which orders."""

    state: OrderState | None = None
    profile_id: UUID | None = Field(default=None, description="The buyer's account.")
    email: Search | None = Field(default=None, description="The beginning of the buyer's address.")
    provider_id: ProviderId | None = Field(
        None, description="The provider's id of a checkout, payment, refund or dispute."
    )


class AuditFilter(TimeFilter):
    """Which entries of the audit log."""

    subject_id: UUID | None = Field(default=None, description="What the entry is about, such as an order.")
    actor_id: UUID | None = Field(default=None, description="The account that acted.")
    tag: Tag | None = Field(default=None, description="What happened, such as `orders:order:placed`.")


class UserFilter(TimeFilter):
    """Which accounts."""

    role: ProfileRole | None = None
    email: Search | None = Field(default=None, description="The beginning of the address.")
