"""Sign in and out. No database connection is held while a password is checked."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from sqlalchemy.orm import Session, sessionmaker

from api.client import ClientDep
from api.deps import ClockDep, SessionDep, SessionsDep, SettingsDep
from api.limits import AttemptLimit
from api.login_log import RefusedLoginLog, RefusedLogins
from api.refusals import refuses
from api.schemas.accounts import TokensOut
from core.accounts.factor_problems import CodeInvalid, FactorRequired
from core.accounts.inputs import LoginInput, RefreshInput
from core.accounts.passwords import SignInBusy, matches
from core.accounts.profile import account_of
from core.accounts.register import EmailUnproven, send_proof_again
from core.accounts.second_factor import level_of
from core.accounts.sessions import LoginRefused, RefreshRaced, RefreshRefused, SignedIn, exchange, sign_in, sign_out
from core.accounts.tokens import issue
from core.problems import Problem
from core.settings import Settings
from db.models import Profile

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login", operation_id="auth.login")
@refuses(EmailUnproven, CodeInvalid, LoginRefused, FactorRequired, SignInBusy)
def post_login(
    body: LoginInput,
    sessions: SessionsDep,
    limit: AttemptLimit,
    refused: RefusedLoginLog,
    settings: SettingsDep,
    clock: ClockDep,
    client: ClientDep,
) -> TokensOut:
    """Sign in. The answer and its time are the same for an unknown address and a wrong password.

    An account with a second factor also needs `code`. Without it a right password is answered `second_factor_required`.
    """
    limit.sign_in(body.email)
    account = _checked_account(body, sessions, refused, clock())
    code = body.code.get_secret_value() if body.code else None
    if code:
        limit.code(body.email)
    with refused.wrong_code_of(account), sessions.begin() as session:
        now, life = clock(), _lifetime(settings)
        aal = level_of(session, settings.totp_keys, account.id, code, now)
        signed_in = sign_in(session, account, client, aal=aal, now=now, lifetime=life)
    return _tokens(settings, signed_in, clock())


@router.post("/refresh", operation_id="auth.refresh")
@refuses(RefreshRaced, RefreshRefused)
def post_refresh(body: RefreshInput, sessions: SessionsDep, settings: SettingsDep, clock: ClockDep) -> TokensOut:
    """Exchange a refresh token for a new pair.

    A token that is used again ends its session. Within ten seconds of the exchange it is refused with 409 and the
    session goes on, because two tabs may have sent it at once.
    """
    token = body.refresh_token.get_secret_value()
    with sessions.begin() as session:
        outcome = exchange(session, token, now=clock(), lifetime=_lifetime(settings))
    return _tokens(settings, outcome, clock())


@router.post("/logout", status_code=204, operation_id="auth.logout")
def post_logout(body: RefreshInput, session: SessionDep, clock: ClockDep) -> None:
    """End the session of a refresh token, and with it its access tokens. An unknown token changes nothing."""
    sign_out(session, body.refresh_token.get_secret_value(), clock())


def _checked_account(
    body: LoginInput, sessions: sessionmaker[Session], refused: RefusedLogins, now: datetime
) -> Profile:
    """The account of the right password. Raises LoginRefused, EmailUnproven, SignInBusy."""
    with sessions.begin() as session:
        account = account_of(session, body.email)
    known = matches(account and account.password_hash, body.password.get_secret_value())
    if not account or not known:
        refused(body.email, account)
        raise LoginRefused("Check both and try again.")
    if account.email_proven_at is None:
        with sessions.begin() as session:
            send_proof_again(session, body.email, now)
        raise EmailUnproven("Open the link in the email that we sent to it.")
    return account


def _lifetime(settings: Settings) -> timedelta:
    return timedelta(days=settings.refresh_token_days)


def _tokens(settings: Settings, outcome: SignedIn | Problem, now: datetime) -> TokensOut:
    if isinstance(outcome, Problem):
        raise outcome
    return TokensOut(
        access_token=issue(settings, outcome.identity, now),
        expires_in=settings.access_token_seconds,
        refresh_token=outcome.refresh_token,
    )
