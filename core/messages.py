"""Every message: what background work exists, with its name, queue and version.

A message's fields are the payload of its job. A field added later has a default; a changed meaning raises `version`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base of all messages: `kind` names the job, `queue` the Celery queue, `version` the payload's shape.

    With `external_call` its work is a call to an external service, made while no row is locked. The job is dead when
    the service has been unavailable to it for `give_up_after`: the default is a long weekend.
    """

    kind: ClassVar[str]
    queue: ClassVar[str]
    version: ClassVar[int] = 1
    max_running: ClassVar[int | None] = None
    external_call: ClassVar[bool] = False
    give_up_after: ClassVar[timedelta] = timedelta(days=3)

    def payload(self) -> dict[str, Any]:
        """What the job row stores; ids as text."""
        values = {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self).items()}
        return {"v": self.version, **values}

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Self:
        """The message a stored payload describes. Raises ValueError for another version or shape."""
        if payload.get("v") != cls.version:
            raise ValueError(f"{cls.kind}: version {payload.get('v')!r} is not {cls.version}")
        types = {field.name: field.type for field in fields(cls)}
        given = {name: value for name, value in payload.items() if name != "v"}
        try:
            return cls(**{name: UUID(value) if types.get(name) is UUID else value for name, value in given.items()})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"{cls.kind}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessWebhook(Message):
    """An event of a provider is stored as `event_id` in app.webhook_events: apply it."""

    kind = "webhooks.process"
    queue = "webhooks"
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchObject(Message):
    """An event does not tell enough: fetch its object from the payment provider, and store what it tells as events."""

    kind = "webhooks.fetch"
    queue = "webhooks"
    max_running = 16
    external_call = True
    object_kind: str
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepEvents(Message):
    """Read the payment provider's list of events, and store those that never came."""

    kind = "webhooks.sweep"
    queue = "webhooks"
    max_running = 1
    external_call = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilOrder(Message):
    """An order is paid: give the buyer its items."""

    kind = "orders.fulfil"
    queue = "orders"
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrders(Message):
    """Expire unpaid orders past their time."""

    kind = "orders.expire"
    queue = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePayments(Message):
    """Find checkouts and payments whose outcome is overdue, and enqueue a question about each."""

    kind = "payments.reconcile"
    queue = "payments"
    max_running = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCheckout(Message):
    """Ask the payment provider what became of a checkout session."""

    kind = "payments.ask_checkout"
    queue = "payments"
    external_call = True
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCheckout(Message):
    """An order was cancelled, or its checkout replaced: close the session at the payment provider."""

    kind = "payments.close_checkout"
    queue = "payments"
    external_call = True
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareBooks(Message):
    """Read the payment provider's books, and compare them with payments, refunds and disputes."""

    kind = "payments.compare"
    queue = "payments"
    max_running = 1
    external_call = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEnrollment(Message):
    """A course was bought: enroll the buyer."""

    kind = "enrollments.grant"
    queue = "enrollments"
    order_item_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantGifts(Message):
    """Enroll those who were given a course and have an account."""

    kind = "enrollments.grant_gifts"
    queue = "enrollments"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeEnrollments(Message):
    """An order or a line of it was refunded, or is disputed: revoke what it gave."""

    kind = "enrollments.revoke"
    queue = "enrollments"
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivePayments(Message):
    """A fact about the money of an order has changed: derive the order's state."""

    kind = "payments.derive"
    queue = "payments"
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRefund(Message):
    """The refund `refund_id` of app.refunds was asked for: create it at the payment provider."""

    kind = "refunds.create"
    queue = "refunds"
    external_call = True
    refund_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail(Message):
    """Send the email `mail_id` of app.mail_messages."""

    kind = "mail.send"
    queue = "mail"
    external_call = True
    mail_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFindings(Message):
    """Report new findings: errors in the log, and an email to the operator."""

    kind = "findings.report"
    queue = "findings"
    max_running = 1
    external_call = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReplay(Message):
    """A replay of many events or jobs has a part left: replay it, if `step` is the replay's current one."""

    kind = "replays.run"
    queue = "replays"
    replay_id: UUID
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealAudit(Message):
    """Seal the new entries of the audit log. One at a time, since a chain has one end."""

    kind = "audit.seal"
    queue = "audit"
    max_running = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactEvents(Message):
    """Remove personal data from a batch of stored events about erased buyers, those after the event `after`."""

    kind = "privacy.redact"
    queue = "privacy"
    after: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactLateEvents(Message):
    """Events that came in the last days may be about erased buyers: examine them."""

    kind = "privacy.redact_late"
    queue = "privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportData(Message):
    """A person asks for what is kept about them: make the archive."""

    kind = "privacy.export"
    queue = "privacy"
    export_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInvariants(Message):
    """Check the invariants of every domain."""

    kind = "maintenance.check"
    queue = "maintenance"
    max_running = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune(Message):
    """Delete rows that are past their retention."""

    kind = "maintenance.prune"
    queue = "maintenance"
    max_running = 1


MESSAGES: Mapping[str, type[Message]] = {
    message.kind: message
    for message in (
        ProcessWebhook,
        FetchObject,
        SweepEvents,
        FulfilOrder,
        ExpireOrders,
        ReconcilePayments,
        AskCheckout,
        CloseCheckout,
        CompareBooks,
        GrantEnrollment,
        GrantGifts,
        RevokeEnrollments,
        DerivePayments,
        CreateRefund,
        SendMail,
        ReportFindings,
        RunReplay,
        SealAudit,
        RedactEvents,
        RedactLateEvents,
        ExportData,
        CheckInvariants,
        Prune,
    )
}
