"""Registration and the proof of an address. No database connection is held while a password is hashed."""

from fastapi import APIRouter, Response

from api.deps import ClockDep, SessionDep
from api.email_links import EmailLinksDep
from api.idempotency import Idempotency
from api.limits import AttemptLimit
from api.refusals import refuses
from api.schemas.accounts import AcceptedOut
from core.accounts.inputs import EmailInput, RegisterInput, VerifyInput
from core.accounts.one_time_tokens import TokenRefused
from core.accounts.password_rules import PasswordWeak, check
from core.accounts.passwords import SignInBusy, hash_password
from core.accounts.profile import PasswordWrong
from core.accounts.register import Registration, register, send_proof_again
from core.accounts.sessions import LoginRefused

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/register", status_code=202, response_model=AcceptedOut, operation_id="auth.register")
@refuses(PasswordWeak, SignInBusy)
def post_register(
    body: RegisterInput, session: SessionDep, idempotency: Idempotency, limit: AttemptLimit, clock: ClockDep
) -> Response:
    """Register. An email has a link that proves the address; then the account can sign in.

    The answer and its time are the same whether or not the address has an account.
    """
    limit("register", body.email)
    password = body.password.get_secret_value()
    check(password, body.email)
    wanted = Registration(body.email, hash_password(password), body.display_name, body.locale)

    def work() -> AcceptedOut:
        register(session, wanted, clock())
        return AcceptedOut()

    return idempotency(202, work)


@router.post("/verify", status_code=204, operation_id="auth.verify")
@refuses(LoginRefused, PasswordWrong, SignInBusy, TokenRefused)
def post_verify(body: VerifyInput, links: EmailLinksDep) -> None:
    """Prove the address by the token of the link, and the password of the registration."""
    links.prove_email(body.token.get_secret_value(), body.password.get_secret_value())


@router.post("/verify/resend", status_code=202, operation_id="auth.resend_verification")
def post_resend(body: EmailInput, session: SessionDep, limit: AttemptLimit, clock: ClockDep) -> AcceptedOut:
    """Mail the link that proves an address again, if it has an account that needs it."""
    limit("verify/resend", body.email)
    send_proof_again(session, body.email, clock())
    return AcceptedOut()
