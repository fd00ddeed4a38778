from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session, sessionmaker

from api.deps import Caller, ClockDep, SessionDep, SessionsDep
from api.gateways import PaymentGatewayDep
from api.idempotency import Idempotency, IdempotentRequest, IdempotentRequestDep
from api.limits import AttemptLimit
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.accounts import ProfileOut
from api.schemas.courses import OwnedCourseOut
from core.accounts.inputs import EraseInput, ProfileEdit
from core.accounts.passwords import SignInBusy
from core.accounts.profile import PasswordWrong, change, profile_of
from core.courses.queries import enrolled_courses
from core.payments.provider import ask
from core.ports.payments import PaymentGateway
from core.privacy.erase import begin, erase, refuse_paid
from core.privacy.problems import ErasureWaits
from core.webhooks.fetched import record_fetched

router = APIRouter(prefix="/me", tags=["me"])


@router.get("", operation_id="me.get")
def get_me(session: SessionDep, caller: Caller) -> ProfileOut:
    """The caller's own account."""
    return ProfileOut.model_validate(profile_of(session, caller.profile_id))


@router.patch("", response_model=ProfileOut, operation_id="me.change")
def patch_me(body: ProfileEdit, session: SessionDep, caller: Caller, idempotency: Idempotency) -> Response:
    """Change the display name or the language."""
    return idempotency(200, lambda: ProfileOut.model_validate(change(session, caller.profile_id, body.changes())))


@router.delete("", status_code=204, operation_id="me.erase")
@refuses(ErasureWaits, PasswordWrong, SignInBusy)
def delete_me(
    body: EraseInput,
    sessions: SessionsDep,
    caller: Caller,
    idempotency: IdempotentRequestDep,
    limit: AttemptLimit,
    clock: ClockDep,
    gateway: PaymentGatewayDep,
) -> Response:
    """Erase the account: delete name, address and posts, end its sessions, archive its offers, cancel open orders.

    Orders stay, for bookkeeping. While a payment is on its way the answer is `erasure_waits` (409), with `Retry-After`.
    Issued access tokens expire within minutes; until then they can change nothing.
    """
    limit("erase", str(caller.profile_id))
    with sessions.begin() as session:
        if replay := idempotency.find_response(session):
            return replay
        checkouts = begin(session, caller.profile_id, body.password.get_secret_value())
    _refuse_if_paid(sessions, gateway, checkouts, clock())
    with sessions.begin() as session:
        return idempotency.find_response(session) or _erased(session, idempotency, caller.profile_id, clock())


def _refuse_if_paid(
    sessions: sessionmaker[Session], gateway: PaymentGateway, checkouts: Sequence[str], now: datetime
) -> None:
    for fetched in filter(None, (ask(gateway, checkout) for checkout in checkouts)):
        if fetched.payment_begun:
            with sessions.begin() as session:
                record_fetched(session, fetched, now)
        refuse_paid(fetched)


def _erased(session: Session, idempotency: IdempotentRequest, profile_id: UUID, now: datetime) -> Response:
    erase(session, profile_id, now)
    return idempotency.store_response(session, 204, None, {})


@router.get("/courses", operation_id="me.courses")
def get_my_courses(session: SessionDep, caller: Caller, page: NewestPage) -> Page[OwnedCourseOut]:
    """The courses the caller is enrolled in, the newest enrollment first."""
    return page_of(enrolled_courses(session, caller.profile_id, page), OwnedCourseOut.of)
