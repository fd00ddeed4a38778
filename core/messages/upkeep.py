"""The messages of mail, findings, replays, the audit log, privacy and maintenance."""

from dataclasses import dataclass
from uuid import UUID

from core.messages.base import Message


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
class AnchorAudit(Message):
    """Sign where the audit log's chain ends, and store that outside the database. One at a time."""

    kind = "audit.anchor"
    queue = "audit"
    max_running = 1
    external_call = True


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
    """Check the invariants of every domain: on what changed lately, or on everything if `whole`."""

    kind = "maintenance.check"
    queue = "maintenance"
    max_running = 1
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune(Message):
    """Delete rows that are past their retention."""

    kind = "maintenance.prune"
    queue = "maintenance"
    max_running = 1
