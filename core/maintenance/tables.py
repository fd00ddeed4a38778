"""How long the rows of every table are kept, as `docs/retention.md` says it. A test compares it with the models."""

from collections.abc import Mapping
from typing import Final

_BOOKS: Final = "for ever: bookkeeping; the law of Sweden asks for seven years after the year's end"
_ORDER: Final = "with its order"
_ACCOUNT: Final = "until the account is erased"
_OFFER: Final = "for ever: orders name it"
_FIXED: Final = "for ever: as many rows as the release has"

KEPT: Final[Mapping[str, str]] = {
    "jobs": "finished ones, dead ticks of schedules too, and dead ones after their end; unfinished ones never",
    "job_attempts": "with its job",
    "job_kinds": _FIXED,
    "schedules": _FIXED,
    "webhook_events": "applied and ignored ones; received and dead ones, and those with an open finding, never",
    "webhook_attempts": "with its event",
    "mail_messages": "sent and dead ones after they were queued; unsent ones never",
    "audit_events": "for ever: the chain covers each; no table is larger in the end",
    "audit_anchors": "for ever: 24 a day at most",
    "findings": "for ever: the answer to what an order's money did not match",
    "replays": "for ever: one for each action of an operator",
    "idempotency_keys": "after the request",
    "rate_limits": "after the beginning of the window",
    "sessions": "after their end",
    "refresh_tokens": "after they were issued",
    "one_time_tokens": "after they expired",
    "totp_factors": "started ones that were not confirmed; others " + _ACCOUNT,
    "recovery_codes": "with its second factor",
    "exports": "when they expire, a week after they are ready",
    "profiles": "accounts whose address was not proven, after their registration; others for ever, erased ones without "
    "personal data",
    "lesson_completions": _ACCOUNT,
    "orders": _BOOKS,
    "order_items": _ORDER,
    "checkouts": _ORDER,
    "payments": _BOOKS,
    "refunds": _BOOKS,
    "refund_items": "with its refund",
    "disputes": _BOOKS,
    "book_entries": _BOOKS,
    "provider_cursors": "for ever: two rows",
    "subscriptions": _BOOKS,
    "enrollments": "for ever: what a purchase gave",
    "gifts": "those that no account has taken, after they were given; others for ever: what a teacher gave",
    "courses": _OFFER,
    "lessons": "with its course, or until its teacher deletes it",
    "services": _OFFER,
    "seminars": _OFFER,
    "seminar_seats": "for ever: what a purchase gave",
    "seminar_guests": "with its seminar, or until its teacher removes it",
    "seminar_bans": "with its seminar, or until its teacher lifts it",
    "seminar_roles": "with its seminar, or until its teacher takes it back",
    "attendance": "for ever: whether what was paid for was given",
    "posts": "until its author deletes it, or the account is erased",
}
