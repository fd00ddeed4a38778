"""The phrases of mails, in Swedish and English."""

from collections.abc import Mapping
from typing import Final

from core.formats import Language
from core.mail import second_factor_phrases, seminar_phrases

_SV: Final = {
    "greeting": "Hej {name}!",
    "signature": "Vänliga hälsningar\nAula",
    "total": "Summa",
    "order_number": "Ordernummer",
    "paid_at": "Betalt",
    "seller": "Säljare",
    "to_order": "Till beställningen",
    "to_courses": "Till kurserna",
    "to_course": "Till kursen",
    "to_my_courses": "Till Mina kurser",
    "to_profile": "Till din profil",
    "receipt_subject": "Ditt kvitto från Aula",
    "receipt_body": "Tack för ditt köp. Det här är ditt kvitto.",
    "cancelled_subject": "Din beställning är avbruten",
    "cancelled_body": "Du har avbrutit beställningen. Inget är betalt. Du kan göra en ny beställning när du vill.",
    "expired_subject": "Din beställning har gått ut",
    "expired_body": (
        "Vi fick ingen betalning i tid, så beställningen har gått ut och inget är betalt. Vill du fortfarande köpa kan "
        "du göra en ny beställning. Har du ändå betalat gäller köpet, och kvittot kommer med e-post."
    ),
    "payment_begun_subject": "Din betalning är på väg",
    "payment_begun_body": (
        "Betalningen har startat. Banken behöver oftast några bankdagar, i enstaka fall upp till två veckor. När "
        "pengarna har kommit får du ett kvitto och tillgång. Du behöver inte göra något, och du ska inte betala igen."
    ),
    "payment_failed_subject": "Din betalning gick inte igenom",
    "payment_failed_body": (
        "Betalningen gick inte igenom, så inga pengar har kommit till oss. Öppna beställningen och betala igen, gärna "
        "på ett annat sätt. Beställningen är öppen till {until}. Därefter behöver du göra en ny beställning."
    ),
    "refunded_subject": "Din betalning är återbetald",
    "refunded_body": (
        "Vi har återbetalat {amount}. Ingenting återstår av betalningen. "
        "Pengarna går tillbaka dit de kom ifrån och syns inom några bankdagar."
    ),
    "refunded_partly_subject": "En del av din betalning är återbetald",
    "refunded_partly_body": (
        "Vi har återbetalat {amount}. Kvar av betalningen är {remaining}. "
        "Pengarna går tillbaka dit de kom ifrån och syns inom några bankdagar."
    ),
    "access_ended": "Tillgången till det du köpte har upphört.",
    "access_kept": "Du har kvar tillgången till det du köpte.",
    "refund_failed_subject": "Din återbetalning gick inte igenom",
    "refund_failed_body": (
        "Vi försökte återbetala {amount}, men pengarna kom tillbaka till oss. Vi tittar på det. Svara på det här "
        "mejlet om du har bytt bank eller kort."
    ),
    "disputed_subject": "Din bank har begärt tillbaka betalningen",
    "disputed_body": (
        "Din bank har begärt tillbaka pengarna för beställningen. Tillgången till det du köpte är pausad tills banken "
        "har beslutat. Är det ett misstag kan du be banken dra tillbaka ärendet."
    ),
    "dispute_won_subject": "Din tillgång är tillbaka",
    "dispute_won_body": "Banken har avslutat ärendet om din betalning. Köpet gäller, och du har tillgång igen.",
    "dispute_lost_subject": "Din bank har tagit tillbaka betalningen",
    "dispute_lost_body": (
        "Din bank har tagit tillbaka pengarna för beställningen. Tillgången till det du köpte har upphört. Vill du ha "
        "den igen kan du göra en ny beställning."
    ),
    "access_subject": "Du har nu tillgång till {title}",
    "gift_subject": "Du har fått kursen {title}",
    "access_body": "Kursen {title} finns under Mina kurser.",
    "hello": "Hej!",
    "prove_email_subject": "Bekräfta din e-postadress",
    "prove_email_body": (
        "Adressen har använts för att skapa ett konto hos Aula. Öppna länken och skriv lösenordet som du valde, så är "
        "kontot klart. Länken gäller i ett dygn. Var det inte du behöver du inte göra något."
    ),
    "prove_email_link": "Bekräfta adressen",
    "reset_password_subject": "Välj ett nytt lösenord",
    "reset_password_body": (
        "Öppna länken för att välja ett nytt lösenord. Den gäller i en timme. Har du inte bett om det behöver du inte "
        "göra något: lösenordet är detsamma som förut."
    ),
    "reset_password_link": "Välj lösenord",
    "invited_subject": "Välkommen till Aula",
    "invited_body": (
        "Du är inbjuden att arbeta på Aula. Öppna länken och välj ett lösenord, så är ditt konto klart. Länken gäller "
        "i sju dagar; därefter kan du välja Glömt lösenordet."
    ),
    "invited_link": "Välj lösenord",
    "password_changed_subject": "Ditt lösenord är ändrat",
    "password_changed_body": (
        "Lösenordet till ditt konto har ändrats, och andra inloggningar är avslutade. Var det inte du: välj ett nytt "
        "med Glömt lösenordet, och svara på det här mejlet."
    ),
    "change_email_subject": "Bekräfta din nya e-postadress",
    "change_email_body": (
        "Öppna länken för att använda den här adressen till ditt konto hos Aula. Den gäller i ett dygn. Har du inte "
        "bett om det behöver du inte göra något."
    ),
    "change_email_link": "Bekräfta adressen",
    "email_changing_subject": "Din e-postadress ska ändras",
    "email_changing_body": (
        "Någon som är inloggad på ditt konto vill byta till en ny e-postadress. Bytet sker när den nya adressen är "
        "bekräftad. Var det inte du: byt lösenord nu, och svara på det här mejlet."
    ),
    "sign_ins_refused_subject": "Flera misslyckade inloggningar",
    "sign_ins_refused_body": (
        "Någon har flera gånger försökt logga in på ditt konto med fel lösenord. Kontot är inte påverkat. Har du "
        "glömt lösenordet kan du välja ett nytt; använder du samma lösenord på flera ställen bör du byta det."
    ),
    "register_subject": "Din adress användes för att skapa ett konto",
    "register_body": (
        "Du har redan ett konto hos Aula. Var det du kan du logga in som vanligt; annars behöver du inte göra något."
    ),
    "export_ready_subject": "Dina uppgifter är klara att hämta",
    "export_ready_body": (
        "Arkivet med det vi har sparat om dig finns under Profil i {days} dagar. Har du inte bett om det: byt "
        "lösenord, och svara på det här mejlet."
    ),
}
_EN: Final = {
    "greeting": "Hello {name},",
    "signature": "Kind regards\nAula",
    "total": "Total",
    "order_number": "Order number",
    "paid_at": "Paid",
    "seller": "Seller",
    "to_order": "Go to the order",
    "to_courses": "Go to the courses",
    "to_course": "Go to the course",
    "to_my_courses": "Go to My courses",
    "to_profile": "Go to your profile",
    "receipt_subject": "Your receipt from Aula",
    "receipt_body": "Thank you for your purchase. This is your receipt.",
    "cancelled_subject": "Your order is cancelled",
    "cancelled_body": "You have cancelled the order. Nothing was paid. You can place a new order at any time.",
    "expired_subject": "Your order has expired",
    "expired_body": (
        "We received no payment in time, so the order has expired and nothing was paid. If you still want to buy, "
        "place a new order. If you paid after all, the purchase stands, and the receipt comes by email."
    ),
    "payment_begun_subject": "Your payment is on its way",
    "payment_begun_body": (
        "The payment has begun. The bank usually needs a few bank days, in rare cases up to two weeks. When the money "
        "has arrived, you get a receipt and access. There is nothing to do, and you should not pay again."
    ),
    "payment_failed_subject": "Your payment did not go through",
    "payment_failed_body": (
        "The payment did not go through, so no money has reached us. Open the order and pay again, perhaps in another "
        "way. The order is open until {until}. After that you need to place a new order."
    ),
    "refunded_subject": "Your payment was refunded",
    "refunded_body": (
        "We have refunded {amount}. Nothing remains of the payment. The money "
        "goes back to where it came from and shows within a few bank days."
    ),
    "refunded_partly_subject": "A part of your payment was refunded",
    "refunded_partly_body": (
        "We have refunded {amount}. Of the payment, {remaining} remains. The money "
        "goes back to where it came from and shows within a few bank days."
    ),
    "access_ended": "Your access to what you bought has ended.",
    "access_kept": "You keep your access to what you bought.",
    "refund_failed_subject": "Your refund did not go through",
    "refund_failed_body": (
        "We tried to refund {amount}, but the money came back to us. We are looking into it. Reply to this email if "
        "you have a new bank or card."
    ),
    "disputed_subject": "Your bank has asked for the payment back",
    "disputed_body": (
        "Your bank has asked for the money of the order back. Your access to what you bought is paused until the bank "
        "has decided. If this is a mistake, you can ask the bank to withdraw the case."
    ),
    "dispute_won_subject": "Your access is back",
    "dispute_won_body": (
        "The bank has closed the case about your payment. The purchase stands, and you have access again."
    ),
    "dispute_lost_subject": "Your bank has taken the payment back",
    "dispute_lost_body": (
        "Your bank has taken the money of the order back. Your access to what you bought has ended. If you want it "
        "again, place a new order."
    ),
    "access_subject": "You now have access to {title}",
    "gift_subject": "You were given the course {title}",
    "access_body": "The course {title} is under My courses.",
    "hello": "Hello,",
    "prove_email_subject": "Confirm your e-mail address",
    "prove_email_body": (
        "The address was used to make an account with Aula. Open the link and enter the password that you chose, and "
        "the account is ready. The link works for a day. If it was not you, there is nothing to do."
    ),
    "prove_email_link": "Confirm the address",
    "reset_password_subject": "Choose a new password",
    "reset_password_body": (
        "Open the link to choose a new password. It works for an hour. If you did not ask for it, there is nothing to "
        "do: the password is the same as before."
    ),
    "reset_password_link": "Choose a password",
    "invited_subject": "Welcome to Aula",
    "invited_body": (
        "You are invited to work at Aula. Open the link and choose a password, and your account is ready. The link "
        "works for seven days; after that, use Forgotten password."
    ),
    "invited_link": "Choose a password",
    "password_changed_subject": "Your password was changed",
    "password_changed_body": (
        "The password of your account was changed, and other logins have ended. If it was not you, choose a new one "
        "with Forgotten password, and reply to this email."
    ),
    "change_email_subject": "Confirm your new e-mail address",
    "change_email_body": (
        "Open the link to use this address for your account with Aula. It works for a day. If you did not ask for it, "
        "there is nothing to do."
    ),
    "change_email_link": "Confirm the address",
    "email_changing_subject": "Your e-mail address is to be changed",
    "email_changing_body": (
        "Someone who is logged in to your account wants to use a new e-mail address. It changes when the new address "
        "is confirmed. If it was not you, change your password now, and reply to this email."
    ),
    "sign_ins_refused_subject": "Several failed logins",
    "sign_ins_refused_body": (
        "Someone has tried several times to log in to your account with a wrong password. The account is not affected. "
        "If you have forgotten your password, choose a new one; if you use it elsewhere too, change it."
    ),
    "register_subject": "Your address was used to register",
    "register_body": (
        "You have an account with Aula already. If it was you, sign in as usual; if not, there is nothing to do."
    ),
    "export_ready_subject": "Your data is ready to download",
    "export_ready_body": (
        "The archive of what we keep about you is under Profile for {days} days. If you did not ask for it, change "
        "your password and reply to this email."
    ),
}
LOCALES: Final[Mapping[Language, Mapping[str, str]]] = {
    "sv": {**_SV, **second_factor_phrases.SV, **seminar_phrases.SV},
    "en": {**_EN, **second_factor_phrases.EN, **seminar_phrases.EN},
}


def phrase(language: Language, name: str) -> str:
    """The phrase `name` in a reader's language. Raises KeyError for an unknown name."""
    return LOCALES[language][name]
