"""Registration and sessions. What hashes a password holds no database connection meanwhile."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response

from api.deps import ClockDep, SessionDep, SessionsDep, SettingsDep
from api.idempotency import Idempotency
from api.limits import Limit
from api.schemas.accounts import Accepted, TokensView
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
    """The e-mail and the password do not belong together; which of them is wrong is not told."""

    code = "login_refused"
    title = "The e-mail or the password is wrong."


@router.post("/register", status_code=202, response_model=Accepted)
def post_register(
    body: RegisterInput, session: SessionDep, idempotency: Idempotency, limit: Limit, clock: ClockDep
) -> Response:
    """Register. The answer is the same, in words and work, whether or not the address has an account."""
    limit("register", body.email)
    password = body.password.get_secret_value()
    check(password, body.email)
    wanted = Registration(body.email, hash_password(password), body.display_name, body.locale)

    def work() -> Accepted:
        register(session, wanted, clock())
        return Accepted()

    return idempotency(202, work)


@router.post("/login")
def post_login(
    body: LoginInput, sessions: SessionsDep, limit: Limit, settings: SettingsDep, clock: ClockDep
) -> TokensView:
    """Sign in. An unknown address is refused as a wrong password is, in words and work."""
    limit("login", body.email)
    with sessions.begin() as session:
        found = credentials_of(session, body.email)
    known = matches(found and found[1], body.password.get_secret_value())
    if not found or not known:
        raise LoginRefused("Check both and try again.")
    with sessions.begin() as session:
        signed_in = sign_in(session, found[0], now=clock(), life=_life(settings))
    return _tokens(settings, signed_in, clock())


@router.post("/refresh")
def post_refresh(body: RefreshInput, sessions: SessionsDep, settings: SettingsDep, clock: ClockDep) -> TokensView:
    """Exchange a refresh token for a new pair.

    A token that comes a second time closes its whole session. Within ten seconds of the exchange, when two tabs may
    have raced, it is refused with 409 and nothing is closed.
    """
    token = body.refresh_token.get_secret_value()
    with sessions.begin() as session:
        outcome = exchange(session, token, now=clock(), life=_life(settings))
    return _tokens(settings, outcome, clock())


@router.post("/logout", status_code=204)
def post_logout(body: RefreshInput, session: SessionDep, clock: ClockDep) -> None:
    """Close the session of a refresh token; doing so again, or with an unknown token, changes nothing."""
    sign_out(session, body.refresh_token.get_secret_value(), clock())


def _life(settings: Settings) -> timedelta:
    return timedelta(days=settings.refresh_token_days)


def _tokens(settings: Settings, outcome: SignedIn | Problem, now: datetime) -> TokensView:
    if isinstance(outcome, Problem):
        raise outcome
    return TokensView(
        access_token=issue(settings, outcome.identity, now),
        expires_in=settings.access_token_seconds,
        refresh_token=outcome.refresh_token,
    )
