"""Emails about accounts. Before an address is proven, none has what a stranger could have typed, such as a name."""

from collections.abc import Mapping
from uuid import UUID

from core.mail.content import Content, Reading
from db.models import OneTimeToken


def register(reading: Reading, _params: Mapping[str, str]) -> Content:
    """The reader's address was used to register again."""
    return _plain(reading, "register")


def prove_email(reading: Reading, params: Mapping[str, str]) -> Content:
    """A link that proves the address of a new account."""
    return _with_link(reading, params, "prove_email", "verify")


def reset_password(reading: Reading, params: Mapping[str, str]) -> Content:
    """A link by which the reader sets a new password."""
    return _with_link(reading, params, "reset_password", "reset-password")


def invited(reading: Reading, params: Mapping[str, str]) -> Content:
    """A link by which an invited reader chooses a password."""
    return _with_link(reading, params, "invited", "reset-password")


def password_changed(reading: Reading, _params: Mapping[str, str]) -> Content:
    """The reader's password was changed."""
    return _plain(reading, "password_changed")


def change_email(reading: Reading, params: Mapping[str, str]) -> Content:
    """A link that confirms a new address, sent to it."""
    return _with_link(reading, params, "change_email", "confirm-email")


def email_changing(reading: Reading, _params: Mapping[str, str]) -> Content:
    """The old address is told that a new one was asked for."""
    return _plain(reading, "email_changing")


def sign_ins_refused(reading: Reading, _params: Mapping[str, str]) -> Content:
    """There were many attempts to sign in with a wrong password."""
    return _plain(reading, "sign_ins_refused")


def codes_refused(reading: Reading, _params: Mapping[str, str]) -> Content:
    """There were attempts to sign in with the right password and a wrong code."""
    return _plain(reading, "codes_refused")


def second_factor_on(reading: Reading, _params: Mapping[str, str]) -> Content:
    """A second factor was turned on."""
    return _plain(reading, "second_factor_on")


def second_factor_off(reading: Reading, _params: Mapping[str, str]) -> Content:
    """The second factor was turned off."""
    return _plain(reading, "second_factor_off")


def second_factor_reset(reading: Reading, _params: Mapping[str, str]) -> Content:
    """An operator removed the second factor."""
    return _plain(reading, "second_factor_reset")


def recovery_code_used(reading: Reading, params: Mapping[str, str]) -> Content:
    """A recovery code was used; `left` are unused."""
    return _plain(reading, "recovery_code_used", left=params["left"])


def recovery_codes_renewed(reading: Reading, _params: Mapping[str, str]) -> Content:
    """The recovery codes were replaced."""
    return _plain(reading, "recovery_codes_renewed")


def _plain(reading: Reading, name: str, **values: str) -> Content:
    return Content(reading.say(f"{name}_subject"), [reading.say(f"{name}_body", **values)])


def _with_link(reading: Reading, params: Mapping[str, str], name: str, page: str) -> Content:
    token_id = UUID(params["token_id"])
    token = reading.session.get(OneTimeToken, token_id)
    return Content(
        reading.say(f"{name}_subject"),
        [reading.say(f"{name}_body")],
        links=[reading.secret_link(f"{name}_link", page, token_id)],
        to=token.email if token else None,
    )
