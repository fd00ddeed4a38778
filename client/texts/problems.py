"""Refusals in words, by their code (docs/problems.md): what happened, and what to do."""

from typing import Final

PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "problem.no_answer": (
        "Servern svarar inte. Kontrollera din uppkoppling och försök igen.",
        "The server does not answer. Check your connection and try again.",
    ),
    "problem.unreadable": (
        "Appen förstår inte svaret. Uppdatera appen och försök igen.",
        "The app does not understand the answer. Update the app and try again.",
    ),
    "problem.unavailable": (
        "Tjänsten är tillfälligt otillgänglig. Inget har ändrats. Försök igen om en stund.",
        "The service is unavailable for a moment. Nothing was changed. Try again shortly.",
    ),
    "problem.unexpected": (
        "Något gick fel hos oss. Försök igen om en stund.",
        "Something went wrong on our side. Try again shortly.",
    ),
    "problem.session_ended": (
        "Du har loggats ut. Logga in igen, så kommer du tillbaka hit.",
        "You have been logged out. Log in again, and you come back here.",
    ),
    "problem.unauthorized": (
        "Logga in för att fortsätta.",
        "Log in to go on.",
    ),
    "problem.login_refused": (
        "E-postadressen eller lösenordet är fel.",
        "The email address or the password is wrong.",
    ),
    "problem.email_unproven": (
        "Adressen är inte bekräftad än. Öppna länken i mejlet, eller be om ett nytt.",
        "The address is not confirmed yet. Open the link in the email, or ask for a new one.",
    ),
    "problem.second_factor_required": (
        "Skriv koden från din autentiseringsapp, eller en återställningskod.",
        "Write the code of your authenticator app, or a recovery code.",
    ),
    "problem.invalid_code": (
        "Koden är fel eller för gammal. Skriv den som visas nu.",
        "The code is wrong or too old. Write the one that is shown now.",
    ),
    "problem.too_many_requests": (
        "För många försök. Vänta {seconds} sekunder och försök igen.",
        "Too many attempts. Wait {seconds} seconds and try again.",
    ),
    "problem.sign_in_busy": (
        "Många loggar in just nu. Försök igen om en stund.",
        "Many people are logging in. Try again shortly.",
    ),
    "problem.password_weak": (
        "Välj ett längre lösenord som är svårare att gissa, minst 10 tecken.",
        "Choose a longer password that is harder to guess, of at least 10 characters.",
    ),
    "problem.password_wrong": ("Lösenordet är fel.", "The password is wrong."),
    "problem.forbidden": ("Det här får du inte göra.", "You may not do this."),
    "problem.not_found": (
        "Det finns inte, eller hör till någon annan.",
        "It does not exist, or belongs to somebody else.",
    ),
    "problem.lesson_locked": (
        "Lektionen är för dem som har köpt kursen.",
        "The lesson is for those who have bought the course.",
    ),
    "problem.course_owned": (
        "Du har redan kursen. Den finns under Mina kurser.",
        "You have the course already. It is in My courses.",
    ),
    "problem.seat_owned": (
        "Du har redan en plats på seminariet.",
        "You have a seat at the seminar already.",
    ),
    "problem.order_open": (
        "Du har redan ett köp på gång. Fortsätt med det här, så betalar du bara en gång.",
        "You have begun to buy this already. Go on here, so that you pay only once.",
    ),
    "problem.order_already_paid": (
        "Köpet är redan betalt. Du behöver inte betala igen.",
        "The order is paid already. You need not pay again.",
    ),
    "problem.payment_in_progress": (
        "En betalning är på väg. Vänta på beskedet, betala inte igen.",
        "A payment is on its way. Wait for its outcome, do not pay again.",
    ),
    "problem.order_expired": (
        "Tiden för att betala är slut. Börja om med ett nytt köp.",
        "The time to pay is over. Start a new order.",
    ),
    "problem.order_cancelled": ("Köpet är avbrutet.", "The order is cancelled."),
    "problem.order_not_cancellable": (
        "Köpet kan inte avbrytas längre.",
        "The order can no longer be cancelled.",
    ),
    "problem.product_unavailable": (
        "Det säljs inte längre.",
        "It is no longer on sale.",
    ),
    "problem.seats_full": (
        "Den sista platsen togs just. Ställ dig på väntelistan, så får du besked när en plats blir ledig.",
        "The last seat was just taken. Join the waitlist, and you hear from us when a seat is free.",
    ),
    "problem.seats_left": (
        "En plats har blivit ledig. Ta den direkt.",
        "A seat has become free. Take it now.",
    ),
    "problem.seminar_state": (
        "Seminariet är inte öppet för anmälan längre.",
        "The seminar is no longer open for booking.",
    ),
    "problem.payment_provider_busy": (
        "Många betalar just nu. Försök igen om en stund.",
        "Many people are paying right now. Try again shortly.",
    ),
    "problem.payment_provider_unavailable": (
        "Betaltjänsten svarar inte. Inget har dragits. Försök igen om en stund.",
        "The payment service does not answer. Nothing was charged. Try again shortly.",
    ),
    "problem.payment_provider_refused": (
        "Betaltjänsten tog inte emot köpet. Inget har dragits.",
        "The payment service did not accept the order. Nothing was charged.",
    ),
    "problem.refund_time_over": (
        "Tiden för att ångra köpet är slut.",
        "The time to ask for a refund is over.",
    ),
    "problem.refund_progress_over": (
        "Du har gått igenom för mycket av kursen för att ångra köpet.",
        "You have completed too much of the course to ask for a refund.",
    ),
    "problem.item_refunded": ("Det är redan återbetalt.", "It was refunded before."),
    "problem.order_not_refundable": (
        "Det finns inget att återbetala just nu.",
        "Nothing can be refunded right now.",
    ),
    "problem.erasure_waits": (
        "En betalning är på väg. Försök igen när den är klar.",
        "A payment is on its way. Try again when it is done.",
    ),
    "problem.export_too_soon": (
        "Du bad nyss om ett arkiv. Vänta en stund innan du ber om ett nytt.",
        "You asked for an archive a short while ago. Wait before you ask for another.",
    ),
    "problem.price_not_allowed": (
        "Priset måste vara 0, eller minst 3 kr.",
        "The price must be 0, or at least SEK 3.",
    ),
    "problem.times_not_allowed": (
        "Seminariet måste börja i framtiden och sluta efter att det har börjat.",
        "The seminar must begin in the future and end after it has begun.",
    ),
    "problem.offer_state": (
        "Det går inte i det här läget. Uppdatera sidan.",
        "This is not possible in its current state. Refresh the page.",
    ),
    "problem.input_invalid": ("Kontrollera uppgifterna.", "Check what you have written."),
}
