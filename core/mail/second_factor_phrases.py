"""The phrases of mails about second factors, in Swedish and English."""

from typing import Final

SV: Final = {
    "codes_refused_subject": "Någon kan ditt lösenord",
    "codes_refused_body": (
        "Någon har flera gånger loggat in med rätt lösenord men fel engångskod. Utan koden kommer ingen in. Var det "
        "inte du: byt lösenord nu."
    ),
    "second_factor_on_subject": "Engångskoder är på",
    "second_factor_on_body": (
        "Ditt konto har nu engångskoder från en app, och andra inloggningar är avslutade. Spara reservkoderna på ett "
        "säkert ställe. Var det inte du: byt lösenord nu, och svara på det här mejlet."
    ),
    "second_factor_off_subject": "Engångskoder är av",
    "second_factor_off_body": (
        "Ditt konto har inte längre engångskoder, och reservkoderna gäller inte. Var det inte du: byt lösenord nu, och "
        "svara på det här mejlet."
    ),
    "second_factor_reset_subject": "Engångskoderna är borttagna",
    "second_factor_reset_body": (
        "Vi har tagit bort engångskoderna från ditt konto, och alla inloggningar är avslutade. Logga in med lösenordet "
        "och slå på dem igen. Har du inte bett om det: byt lösenord nu, och svara på det här mejlet."
    ),
    "recovery_code_used_subject": "En reservkod användes",
    "recovery_code_used_body": (
        "En reservkod till ditt konto har använts; antal kvar: {left}. Var det inte du: byt lösenord nu, gör nya "
        "reservkoder, och svara på det här mejlet."
    ),
    "recovery_codes_renewed_subject": "Du har nya reservkoder",
    "recovery_codes_renewed_body": (
        "Ditt konto har nya reservkoder, och de gamla gäller inte. Var det inte du: byt lösenord nu, och svara på det "
        "här mejlet."
    ),
}
EN: Final = {
    "codes_refused_subject": "Someone knows your password",
    "codes_refused_body": (
        "Someone has tried several times to log in with the right password and a wrong code. Without the code nobody "
        "gets in. If it was not you, change your password now."
    ),
    "second_factor_on_subject": "Codes are turned on",
    "second_factor_on_body": (
        "Your account now has codes from an app, and other logins have ended. Keep the recovery codes in a safe place. "
        "If it was not you, change your password now, and reply to this email."
    ),
    "second_factor_off_subject": "Codes are turned off",
    "second_factor_off_body": (
        "Your account has no codes any more, and the recovery codes are void. If it was not you, change your password "
        "now, and reply to this email."
    ),
    "second_factor_reset_subject": "Codes were removed",
    "second_factor_reset_body": (
        "We have removed the codes from your account, and all logins have ended. Log in with the password and turn "
        "them on again. If you did not ask for it, change your password now, and reply to this email."
    ),
    "recovery_code_used_subject": "A recovery code was used",
    "recovery_code_used_body": (
        "A recovery code of your account was used; codes left: {left}. If it was not you, change your password now, "
        "make new recovery codes, and reply to this email."
    ),
    "recovery_codes_renewed_subject": "You have new recovery codes",
    "recovery_codes_renewed_body": (
        "Your account has new recovery codes, and the old ones are void. If it was not you, change your password now, "
        "and reply to this email."
    ),
}
