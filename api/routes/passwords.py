"""Forgotten and changed passwords. No database connection is held while a password is hashed."""

from fastapi import APIRouter

from api.deps import Caller, ClockDep, SessionDep, SessionsDep
from api.email_links import EmailLinksDep
from api.limits import AttemptLimit
from api.refusals import refuses
from api.schemas.accounts import AcceptedOut
from core.accounts.factor_problems import FactorRequired
from core.accounts.inputs import EmailInput, PasswordInput, ResetInput
from core.accounts.one_time_tokens import TokenRefused
from core.accounts.password_change import change, send_reset
from core.accounts.password_rules import PasswordWeak, check
from core.accounts.passwords import SignInBusy, hash_password
from core.accounts.profile import PasswordWrong, confirm_password, profile_of

router = APIRouter()


@router.post("/auth/password/forgot", tags=["auth"], status_code=202, operation_id="auth.forgot_password")
def post_forgot(body: EmailInput, session: SessionDep, limit: AttemptLimit, clock: ClockDep) -> AcceptedOut:
    """Mail a link for a new password, if the address has an account."""
    limit("password/forgot", body.email)
    send_reset(session, body.email, clock())
    return AcceptedOut()


@router.post("/auth/password/reset", tags=["auth"], status_code=204, operation_id="auth.reset_password")
@refuses(PasswordWeak, FactorRequired, SignInBusy, TokenRefused)
def post_reset(body: ResetInput, links: EmailLinksDep) -> None:
    """Set a new password by the token of the link. Every session ends, and the owner is told by email."""
    links.reset_password(body.token.get_secret_value(), body.password.get_secret_value())


@router.post("/me/password", tags=["me"], status_code=204, operation_id="me.change_password")
@refuses(PasswordWeak, PasswordWrong, SignInBusy)
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
