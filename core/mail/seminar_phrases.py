"""The phrases of mails about seminars, in Swedish and English."""

from typing import Final

SV: Final = {
    "to_seminar": "Till seminariet",
    "seat_subject": "Din plats på {title}",
    "seat_body": "Du har en plats på {title}, {when}. Rummet öppnar en kvart innan.",
    "seat_gone_subject": "Du fick ingen plats på {title}",
    "seat_gone_body": (
        "Det fanns ingen plats kvar för dig på {title} när din betalning kom. Har du betalat får du tillbaka pengarna; "
        "vi skickar ett mejl när de är på väg."
    ),
    "seat_offered_subject": "En plats är ledig på {title}",
    "seat_offered_body": (
        "En plats på {title}, {when}, är ledig och väntar på dig till {until}. Ta den i appen innan dess; sedan går "
        "den till nästa på väntelistan."
    ),
    "seminar_moved_subject": "Ny tid för {title}",
    "seminar_moved_body": "{title} har fått en ny tid: {when}. Din plats gäller fortfarande.",
    "seminar_cancelled_subject": "{title} är inställt",
    "seminar_cancelled_body": (
        "{title}, {when}, är inställt. Har du betalat får du tillbaka pengarna; vi skickar ett mejl när de är på väg."
    ),
    "seminar_tomorrow_subject": "Påminnelse: {title}",
    "seminar_soon_subject": "Snart börjar {title}",
    "seminar_reminder_body": "{title} börjar {when}. Rummet öppnar en kvart innan.",
}
EN: Final = {
    "to_seminar": "Go to the seminar",
    "seat_subject": "Your seat at {title}",
    "seat_body": "You have a seat at {title}, {when}. The room opens 15 minutes before.",
    "seat_gone_subject": "You got no seat at {title}",
    "seat_gone_body": (
        "No seat at {title} was left for you when your payment came. If you have paid, you get the money back; we send "
        "an email when it is on its way."
    ),
    "seat_offered_subject": "A seat is free at {title}",
    "seat_offered_body": (
        "A seat at {title}, {when}, is free and waits for you until {until}. Take it in the app before that; then it "
        "goes to the next on the waitlist."
    ),
    "seminar_moved_subject": "A new time for {title}",
    "seminar_moved_body": "{title} has a new time: {when}. Your seat is still yours.",
    "seminar_cancelled_subject": "{title} is cancelled",
    "seminar_cancelled_body": (
        "{title}, {when}, is cancelled. If you have paid, you get the money back; we send an email when it is on its "
        "way."
    ),
    "seminar_tomorrow_subject": "Reminder: {title}",
    "seminar_soon_subject": "{title} begins soon",
    "seminar_reminder_body": "{title} begins {when}. The room opens 15 minutes before.",
}
