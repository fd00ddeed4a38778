"""The caller's logins, and the change of their address."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Caller, ClockDep, SessionDep, SessionsDep
from api.email_links import EmailLinksDep
from api.limits import AttemptLimit
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.accounts import AcceptedOut, SessionOut
from core.accounts.email_change import EmailTaken, ask
from core.accounts.inputs import EmailChangeInput, LinkInput
from core.accounts.one_time_tokens import TokenRefused
from core.accounts.passwords import SignInBusy
from core.accounts.profile import PasswordWrong, confirm_password, profile_of
from core.accounts.sessions import end_session, end_sessions, open_sessions
from core.problems import NotFound

router = APIRouter()


@router.get("/me/sessions", tags=["me"], operation_id="sessions.list")
def list_sessions(caller: Caller, session: SessionDep, page: NewestPage, clock: ClockDep) -> Page[SessionOut]:
    """The caller's open sessions, the one that was used last first."""
    found = open_sessions(session, caller.profile_id, clock(), page)
    return page_of(found, lambda login: SessionOut.of(login, caller.session_id))


@router.delete("/me/sessions", tags=["me"], status_code=204, operation_id="sessions.end_others")
def delete_sessions(caller: Caller, session: SessionDep, clock: ClockDep) -> None:
    """End every session but this one. Their access tokens are refused from now on."""
    end_sessions(session, caller.profile_id, clock(), keep=caller.session_id)


@router.delete("/me/sessions/{session_id}", tags=["me"], status_code=204, operation_id="sessions.end")
@refuses(NotFound)
def delete_session(session_id: UUID, caller: Caller, session: SessionDep, clock: ClockDep) -> None:
    """End one session. Its access tokens are refused from now on."""
    end_session(session, caller.profile_id, session_id, clock())


@router.post("/me/email", tags=["me"], status_code=202, operation_id="me.change_email")
@refuses(PasswordWrong, SignInBusy)
def post_email(
    body: EmailChangeInput, sessions: SessionsDep, caller: Caller, limit: AttemptLimit, clock: ClockDep
) -> AcceptedOut:
    """Change the address: the new one gets a link that confirms it, the old one is told."""
    limit("email", str(caller.profile_id))
    with sessions.begin() as session:
        account = profile_of(session, caller.profile_id)
    confirm_password(account, body.password.get_secret_value())
    with sessions.begin() as session:
        ask(session, caller, body.email, clock())
    return AcceptedOut()


@router.post("/auth/email/confirm", tags=["auth"], status_code=204, operation_id="auth.confirm_email")
@refuses(EmailTaken, TokenRefused)
def post_confirm(body: LinkInput, links: EmailLinksDep) -> None:
    """Confirm a new address by the token of the link. Every session ends; sign in with the new address."""
    links.confirm_email(body.token.get_secret_value())
