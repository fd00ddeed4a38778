"""The phrases of mails, in Swedish and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Text:
    """A subject and a body, without greeting and signature."""

    subject: str
    body: str


_SV: Final = {
    "greeting": "Hej {name}!",
    "signature": "Vänliga hälsningar\nAula",
    "receipt_subject": "Ditt kvitto från Aula",
    "receipt_thanks": "Tack för ditt köp.",
    "receipt_total": "Summa: {total}",
    "access_subject": "Du har nu tillgång till {title}",
    "access_body": "Kursen {title} väntar på dig under Mina kurser.",
    "gift_subject": "Du har fått kursen {title}",
    "refunded_subject": "Din betalning är återbetald",
    "refunded_body": "Vi har återbetalat {total} för din order. Pengarna kommer inom några bankdagar.",
    "register_subject": "Någon försökte skapa ett konto med din adress",
    "register_body": (
        "Du har redan ett konto hos Aula. Var det du kan du logga in som vanligt; annars behöver du inte göra något."
    ),
}
_EN: Final = {
    "greeting": "Hello {name},",
    "signature": "Kind regards\nAula",
    "receipt_subject": "Your receipt from Aula",
    "receipt_thanks": "Thank you for your purchase.",
    "receipt_total": "Total: {total}",
    "access_subject": "You now have access to {title}",
    "access_body": "The course {title} is waiting for you under My courses.",
    "gift_subject": "You were given the course {title}",
    "refunded_subject": "Your payment was refunded",
    "refunded_body": "We have refunded {total} for your order. The money arrives within a few bank days.",
    "register_subject": "Somebody tried to register with your address",
    "register_body": (
        "You have an account with Aula already. If it was you, sign in as usual; if not, there is nothing to do."
    ),
}
LOCALES: Final[Mapping[str, Mapping[str, str]]] = {"sv": _SV, "en": _EN}


def phrase(locale: str, name: str) -> str:
    """The phrase `name` in a reader's language; Swedish for an unknown locale."""
    return LOCALES.get(locale, _SV)[name]
