"""Forgotten and changed passwords. No database connection is held while a password is hashed."""

from fastapi import APIRouter

from api.deps import Caller, ClockDep, SessionDep, SessionsDep
from api.email_links import EmailLinksDep
from api.limits import AttemptLimit
from api.schemas.accounts import AcceptedOut
from core.accounts.inputs import EmailInput, PasswordInput, ResetInput
from core.accounts.password_change import change, send_reset
from core.accounts.password_rules import check
from core.accounts.passwords import hash_password
from core.accounts.profile import confirm_password, profile_of

router = APIRouter()


@router.post("/auth/password/forgot", tags=["auth"], status_code=202, operation_id="auth.forgot_password")
def post_forgot(body: EmailInput, session: SessionDep, limit: AttemptLimit, clock: ClockDep) -> AcceptedOut:
    """Mail a link for a new password, if the address has an account."""
    limit("password/forgot", body.email)
    send_reset(session, body.email, clock())
    return AcceptedOut()


@router.post("/auth/password/reset", tags=["auth"], status_code=204, operation_id="auth.reset_password")
def post_reset(body: ResetInput, links: EmailLinksDep) -> None:
    """Set a new password by the token of the link. Every session ends, and the owner is told by email."""
    links.reset_password(body.token.get_secret_value(), body.password.get_secret_value())


@router.post("/me/password", tags=["me"], status_code=204, operation_id="me.change_password")
def post_password(
    body: PasswordInput, sessions: SessionsDep, caller: Caller, limit: AttemptLimit, clock: ClockDep
) -> None:
    """Change the password. Every other session ends, and an email tells it."""
    limit("password", str(caller.profile_id))
    with sessions.begin() as session:
        account = profile_of(session, caller.profile_id)
    confirm_password(account, body.current_password.get_secret_value(), "current_password")
    password = body.password.get_secret_value()
    check(password, account.email)
    hashed = hash_password(password)
    with sessions.begin() as session:
        change(session, caller, hashed, clock())
