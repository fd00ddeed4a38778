"""Registration and sessions. No database connection is held while a password is hashed."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response

from api.deps import ClockDep, SessionDep, SessionsDep, SettingsDep
from api.idempotency import Idempotency
from api.limits import AttemptLimit
from api.login_log import RefusedLoginLog
from api.schemas.accounts import AcceptedOut, TokensOut
from core.accounts.inputs import LoginInput, RefreshInput, RegisterInput
from core.accounts.password_rules import check
from core.accounts.passwords import hash_password, matches
from core.accounts.profile import credentials_of
from core.accounts.register import Registration, register
from core.accounts.sessions import SignedIn, exchange, sign_in, sign_out
from core.accounts.tokens import issue
from core.problems import Problem, Unauthorized
from core.settings import Settings

router = APIRouter(prefix="/auth", tags=["auth"])


class LoginRefused(Unauthorized):
    """The e-mail or the password is wrong; the answer does not say which."""

    code = "login_refused"
    title = "The e-mail or the password is wrong."


@router.post("/register", status_code=202, response_model=AcceptedOut)
def post_register(
    body: RegisterInput, session: SessionDep, idempotency: Idempotency, limit: AttemptLimit, clock: ClockDep
) -> Response:
    """Register. The answer and its time are the same whether or not the address has an account."""
    limit("register", body.email)
    password = body.password.get_secret_value()
    check(password, body.email)
    wanted = Registration(body.email, hash_password(password), body.display_name, body.locale)

    def work() -> AcceptedOut:
        register(session, wanted, clock())
        return AcceptedOut()

    return idempotency(202, work)


@router.post("/login")
def post_login(
    body: LoginInput,
    sessions: SessionsDep,
    limit: AttemptLimit,
    refused: RefusedLoginLog,
    settings: SettingsDep,
    clock: ClockDep,
) -> TokensOut:
    """Sign in. The answer and its time are the same for an unknown address and a wrong password."""
    limit("login", body.email)
    with sessions.begin() as session:
        found = credentials_of(session, body.email)
    known = matches(found and found[1], body.password.get_secret_value())
    if not found or not known:
        refused(body.email, found[0].profile_id if found else None)
        raise LoginRefused("Check both and try again.")
    with sessions.begin() as session:
        signed_in = sign_in(session, found[0], now=clock(), lifetime=_lifetime(settings))
    return _tokens(settings, signed_in, clock())


@router.post("/refresh")
def post_refresh(body: RefreshInput, sessions: SessionsDep, settings: SettingsDep, clock: ClockDep) -> TokensOut:
    """Exchange a refresh token for a new pair.

    A token that is used again closes its whole session. Within ten seconds of the exchange it is refused with 409 and
    the session stays open, because two tabs may have sent it at once.
    """
    token = body.refresh_token.get_secret_value()
    with sessions.begin() as session:
        outcome = exchange(session, token, now=clock(), lifetime=_lifetime(settings))
    return _tokens(settings, outcome, clock())


@router.post("/logout", status_code=204)
def post_logout(body: RefreshInput, session: SessionDep, clock: ClockDep) -> None:
    """Close the session of a refresh token. A repeated call or an unknown token changes nothing."""
    sign_out(session, body.refresh_token.get_secret_value(), clock())


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
