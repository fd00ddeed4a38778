"""The phrases of the return pages, in Swedish and English.

`{time_left}` is how long the order can still be paid, `{until}` until when; `{refunded}` and `{remaining}` are amounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.formats import Language
from core.orders.situation import Situation

# Where an order can be paid, it depends on the page what that means: the buyer waits, has waited for long, or has left.
Told = Situation | Literal["confirming", "slow", "left", "unknown"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A heading, and one paragraph below it."""

    heading: str
    text: str


_SV: Final[Mapping[Told, Phrase]] = {
    "confirming": Phrase("Vi väntar på betalningen", "Betalningen bekräftas, oftast inom några sekunder."),
    "slow": Phrase(
        "Det tar längre tid än vanligt",
        "Vi har inte fått besked om betalningen än. Har du betalat behöver du inte göra något: kvittot kommer med "
        "e-post. Har du inte betalat är beställningen öppen i {time_left} till.",
    ),
    "fulfilling": Phrase("Tack! Betalningen är klar", "Vi lägger in det du köpt. Kvittot kommer med e-post."),
    "fulfilled": Phrase("Tack för ditt köp!", "Allt är klart, och kvittot kommer med e-post."),
    "delayed": Phrase(
        "Betalningen är på väg",
        "Banken behöver oftast några bankdagar, i enstaka fall upp till två veckor. När pengarna har kommit får du "
        "ett kvitto med e-post, och då får du tillgång. Du behöver inte göra något, och du ska inte betala igen.",
    ),
    "payable": Phrase("Beställningen väntar på betalning", "Beställningen är öppen till {until}."),
    "failed": Phrase(
        "Betalningen gick inte igenom",
        "Inga pengar har kommit till oss. Öppna beställningen och betala igen, gärna på ett annat sätt. Den är öppen "
        "till {until}.",
    ),
    "partly_refunded": Phrase(
        "En del av köpet är återbetald",
        "{refunded} går tillbaka dit pengarna kom ifrån, oftast inom några bankdagar. Kvar av betalningen är "
        "{remaining}, och du har kvar tillgången till det du köpt.",
    ),
    "disputed": Phrase(
        "Din bank har begärt tillbaka betalningen",
        "Tillgången till det du köpt är pausad tills banken har beslutat. Är det ett misstag kan du be banken dra "
        "tillbaka ärendet. Vi skickar beskedet med e-post.",
    ),
    "expired": Phrase(
        "Tiden för beställningen har gått ut",
        "Vi har inte fått någon betalning i tid. Gör en ny beställning om du vill köpa. Har du ändå betalat gäller "
        "köpet, och kvittot kommer med e-post.",
    ),
    "cancelled": Phrase(
        "Beställningen är avbruten", "Ingen betalning har kommit till oss. Du kan göra en ny beställning när du vill."
    ),
    "refunded": Phrase(
        "Köpet är återbetalt",
        "Pengarna går tillbaka dit de kom ifrån. Det kan ta några bankdagar innan de syns. Tillgången har upphört.",
    ),
    "checking": Phrase(
        "Vi ser över din betalning",
        "Pengarna har kommit, men de stämmer inte med beställningen. Vi tittar på det. Betala inte igen.",
    ),
    "left": Phrase(
        "Inget är betalt",
        "Du lämnade betalningen och inga pengar har dragits. Beställningen är öppen i {time_left} till: gå tillbaka "
        "i webbläsaren för att betala, eller öppna beställningen i Aula.",
    ),
    "unknown": Phrase(
        "Vi hittar inte betalningen",
        "Länken är ofullständig eller för gammal. Har du betalat kommer kvittot med e-post, och det du köpt finns i "
        "Aula.",
    ),
}
_EN: Final[Mapping[Told, Phrase]] = {
    "confirming": Phrase("Waiting for the payment", "The payment is being confirmed, usually within seconds."),
    "slow": Phrase(
        "This takes longer than usual",
        "We have not heard about the payment yet. If you paid, there is nothing to do: the receipt comes by email. If "
        "you did not, the order is open for another {time_left}.",
    ),
    "fulfilling": Phrase(
        "Thank you! The payment is complete", "We are adding what you bought. A receipt comes by email."
    ),
    "fulfilled": Phrase("Thank you for your purchase!", "Everything is ready, and the receipt comes by email."),
    "delayed": Phrase(
        "The payment is on its way",
        "The bank usually needs a few bank days, in rare cases up to two weeks. When the money has arrived, you get a "
        "receipt by email, and then you get access. There is nothing to do, and you should not pay again.",
    ),
    "payable": Phrase("The order waits for its payment", "The order is open until {until}."),
    "failed": Phrase(
        "The payment did not go through",
        "No money has reached us. Open the order and pay again, perhaps in another way. It is open until {until}.",
    ),
    "partly_refunded": Phrase(
        "A part of the purchase is refunded",
        "{refunded} goes back to where it came from, usually within a few bank days. Of the payment, {remaining} "
        "remains, and you keep your access to what you bought.",
    ),
    "disputed": Phrase(
        "Your bank has asked for the payment back",
        "Your access to what you bought is paused until the bank has decided. If this is a mistake, you can ask the "
        "bank to withdraw the case. We send the outcome by email.",
    ),
    "expired": Phrase(
        "The order has expired",
        "We received no payment in time. Place a new order if you want to buy. If you paid after all, the purchase "
        "stands, and the receipt comes by email.",
    ),
    "cancelled": Phrase("The order is cancelled", "No payment has reached us. You can place a new order at any time."),
    "refunded": Phrase(
        "The purchase is refunded",
        "The money goes back to where it came from. That can take a few bank days. Your access has ended.",
    ),
    "checking": Phrase(
        "We are checking your payment",
        "The money has arrived, but it does not match the order. We are looking into it. Do not pay again.",
    ),
    "left": Phrase(
        "Nothing was paid",
        "You left the payment and no money was taken. The order is open for another {time_left}: go back in your "
        "browser to pay, or open the order in Aula.",
    ),
    "unknown": Phrase(
        "We cannot find this payment",
        "The link is incomplete or too old. If you paid, the receipt comes by email, and what you bought is in Aula.",
    ),
}
PHRASES: Final[Mapping[Language, Mapping[Told, Phrase]]] = {"sv": _SV, "en": _EN}

LABELS: Final[Mapping[Language, Mapping[str, str]]] = {
    "sv": {
        "order": "Din beställning",
        "total": "Summa",
        "refreshes": "Sidan uppdateras av sig själv.",
        "reload": "Uppdatera sidan",
        "open": "Öppna det du köpt",
        "to_order": "Till beställningen",
        "pay_again": "Betala igen",
        "order_again": "Beställ igen",
        "to_courses": "Till kurserna",
    },
    "en": {
        "order": "Your order",
        "total": "Total",
        "refreshes": "This page refreshes by itself.",
        "reload": "Refresh this page",
        "open": "Open what you bought",
        "to_order": "Go to the order",
        "pay_again": "Pay again",
        "order_again": "Order again",
        "to_courses": "Go to the courses",
    },
}
