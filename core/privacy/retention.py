"""How long personal data is kept, as the privacy page says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core.accounts.prune_unproven import UNPROVEN_KEPT
from core.formats import Language
from core.maintenance.prune import IDEMPOTENCY_KEPT, RATE_LIMITS_KEPT, SESSIONS_KEPT, WAITING_GIFTS_KEPT

# The link to an exported archive works for this long.
EXPORT_KEPT: Final = timedelta(days=7)
# Those who run Aula delete logs after this time; docs/operations/logs.md asks for it.
LOGS_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Retention:
    """One kind of data, and until when it is kept, in a language."""

    data: str
    kept: str


def retentions(language: Language, *, session_days: int, job_days: int) -> Sequence[Retention]:
    """Every kind of personal data with its retention; the numbers are those that `maintenance.prune` uses."""
    numbers = {
        "session_days": session_days,
        "job_days": job_days,
        "unproven_days": UNPROVEN_KEPT.days,
        "gift_days": WAITING_GIFTS_KEPT.days,
        "repeat_days": IDEMPOTENCY_KEPT.days,
        "limit_days": RATE_LIMITS_KEPT.days,
        "ended_days": SESSIONS_KEPT.days,
        "log_days": LOGS_KEPT.days,
    }
    return [Retention(data, kept.format_map(numbers)) for data, kept in _TEXTS[language]]


_TEXTS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "sv": (
        ("Konto, inlägg och markerade lektioner", "Tills du raderar dem eller kontot"),
        ("Konto med en adress som inte är bekräftad", "{unproven_days} dagar; längre om det har fått en kurs"),
        ("Inloggningar", "{session_days} dagar efter senaste användning, och {ended_days} dagar till"),
        ("Beställningar och betalningar", "Minst sju år efter årets slut; utan namn och adress när kontot är raderat"),
        ("Meddelanden från Stripe", "Som betalningarna; namn och adress tas bort när kontot raderas"),
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
        ("Messages from Stripe", "As the payments; name and address go when the account is erased"),
        ("Gifts of courses to an address without an account", "{gift_days} days"),
        ("Answers to requests that the app can repeat", "{repeat_days} days"),
        ("Counts of login attempts", "{limit_days} days"),
        ("Background jobs", "{job_days} days after they are done"),
        ("Server logs with network addresses", "At most {log_days} days"),
        ("Audit log", "As long as Aula exists; it has no names or addresses"),
    ),
}
