"""The phrases of the pages that links in emails lead to, in Swedish and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.formats import Language

LinkPage = Literal["verify", "reset-password", "confirm-email"]


@dataclass(frozen=True, slots=True)
class LinkPhrases:
    """A page before and after its button was pressed; `field` is the label of its password, if it asks for one."""

    heading: str
    text: str
    button: str
    done_heading: str
    done_text: str
    field: str | None = None


PHRASES: Final[Mapping[Language, Mapping[LinkPage, LinkPhrases]]] = {
    "sv": {
        "verify": LinkPhrases(
            "Bekräfta din e-postadress",
            "Skriv lösenordet som du valde när du skapade kontot.",
            "Bekräfta",
            "Adressen är bekräftad",
            "Kontot är klart. Nu kan du logga in.",
            "Lösenord",
        ),
        "reset-password": LinkPhrases(
            "Välj ett nytt lösenord",
            "Minst 10 tecken, gärna flera ord som inte hör ihop. Alla inloggningar avslutas.",
            "Spara lösenordet",
            "Lösenordet är ändrat",
            "Logga in med det nya lösenordet.",
            "Nytt lösenord",
        ),
        "confirm-email": LinkPhrases(
            "Bekräfta din nya e-postadress",
            "Från och med nu loggar du in med den här adressen. Alla inloggningar avslutas.",
            "Bekräfta",
            "Adressen är ändrad",
            "Logga in med den nya adressen.",
        ),
    },
    "en": {
        "verify": LinkPhrases(
            "Confirm your e-mail address",
            "Enter the password that you chose when you made the account.",
            "Confirm",
            "The address is confirmed",
            "The account is ready. You can log in now.",
            "Password",
        ),
        "reset-password": LinkPhrases(
            "Choose a new password",
            "At least 10 characters, preferably several unrelated words. Every login ends.",
            "Save the password",
            "The password is changed",
            "Log in with the new password.",
            "New password",
        ),
        "confirm-email": LinkPhrases(
            "Confirm your new e-mail address",
            "From now on you log in with this address. Every login ends.",
            "Confirm",
            "The address is changed",
            "Log in with the new address.",
        ),
    },
}

# What went wrong, by the code of the problem.
REFUSALS: Final[Mapping[Language, Mapping[str, str]]] = {
    "sv": {
        "token_refused": "Länken gäller inte längre. Be om en ny i appen: varje länk fungerar en gång, en viss tid.",
        "password_wrong": "Fel lösenord. Det ska vara det du valde när du skapade kontot.",
        "password_weak": "Lösenordet är för lätt att gissa eller för kort. Välj ett längre eller ovanligare.",
        "email_taken": "Ett annat konto har redan den här adressen.",
        "too_many_requests": "För många försök. Vänta en stund och försök igen.",
        "sign_in_busy": "Många loggar in just nu. Försök igen om en stund.",
        "input_invalid": "Lösenordet innehåller tecken som inte går att använda, eller är för långt.",
    },
    "en": {
        "token_refused": "The link is not valid any more. Ask for a new one in the app: a link works once, for a time.",
        "password_wrong": "Wrong password. It is the one that you chose when you made the account.",
        "password_weak": "The password is too easy to guess or too short. Choose a longer or more unusual one.",
        "email_taken": "Another account has this address already.",
        "too_many_requests": "Too many attempts. Wait a moment and try again.",
        "sign_in_busy": "Many people are logging in. Try again in a moment.",
        "input_invalid": "The password has characters that cannot be used, or is too long.",
    },
}
