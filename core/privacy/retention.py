"""How long personal data is kept, as the privacy page says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core import retention
from core.formats import Language

# The link to an exported archive works for this long.
EXPORT_KEPT: Final = timedelta(days=7)
# Those who run Aula delete logs after this time; docs/operations/logs.md asks for it.
LOGS_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Retention:
    """One kind of data, and until when it is kept, in a language."""

    data: str
    kept: str


def retentions(language: Language, kept: retention.Retention) -> Sequence[Retention]:
    """Every kind of personal data with its retention; the numbers are those that `maintenance.prune` uses."""
    numbers = {
        "session_days": kept.refresh_token_days,
        "job_days": kept.job_retention_days,
        "event_days": kept.event_retention_days,
        "mail_days": kept.mail_retention_days,
        "unproven_days": kept.unproven_retention_days,
        "gift_days": kept.gift_retention_days,
        "repeat_days": kept.idempotency_retention_days,
        "limit_days": kept.rate_limit_retention_days,
        "ended_days": kept.session_retention_days,
        "log_days": LOGS_KEPT.days,
    }
    return [Retention(data, kept.format_map(numbers)) for data, kept in _TEXTS[language]]


_TEXTS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "sv": (
        ("Konto, inlägg och markerade lektioner", "Tills du raderar dem eller kontot"),
        ("Konto med en adress som inte är bekräftad", "{unproven_days} dagar; längre om det har fått en kurs"),
        ("Inloggningar", "{session_days} dagar efter senaste användning, och {ended_days} dagar till"),
        ("Beställningar och betalningar", "Minst sju år efter årets slut; utan namn och adress när kontot är raderat"),
        ("Meddelanden från Stripe och LiveKit", "{event_days} dagar; namn och adress tas bort när kontot raderas"),
        ("Uppgift om att ett mejl har skickats", "{mail_days} dagar"),
        ("Kursgåvor till en adress utan konto", "{gift_days} dagar"),
        ("Svar på begäran som appen kan upprepa", "{repeat_days} dagar"),
        ("Räknare av inloggningsförsök", "{limit_days} dagar"),
        ("Bakgrundsjobb", "{job_days} dagar efter att de är klara"),
        ("Driftloggar med nätverksadress", "Högst {log_days} dagar"),
        ("Revisionslogg", "Så länge Aula finns; den innehåller inga namn eller adresser"),
    ),
    "en": (
        ("Account, posts and completed lessons", "Until you erase them or the account"),
        ("Accounts whose address is not proven", "{unproven_days} days; longer if a course was given to it"),
        ("Logins", "{session_days} days after their last use, and {ended_days} days more"),
        ("Orders and payments", "At least seven years after the year's end; without name and address once erased"),
        ("Messages from Stripe and LiveKit", "{event_days} days; name and address go when the account is erased"),
        ("The fact that an email was sent", "{mail_days} days"),
        ("Gifts of courses to an address without an account", "{gift_days} days"),
        ("Answers to requests that the app can repeat", "{repeat_days} days"),
        ("Counts of login attempts", "{limit_days} days"),
        ("Background jobs", "{job_days} days after they are done"),
        ("Server logs with network addresses", "At most {log_days} days"),
        ("Audit log", "As long as Aula exists; it has no names or addresses"),
    ),
}
