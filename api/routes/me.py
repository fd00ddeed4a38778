from fastapi import APIRouter, Response

from api.deps import Caller, ClockDep, SessionDep
from api.idempotency import Idempotency
from api.limits import AttemptLimit
from api.pages import NewestPage, Page, page_of
from api.schemas.accounts import ProfileOut
from api.schemas.courses import OwnedCourseOut
from core.accounts.inputs import EraseInput, ProfileEdit
from core.accounts.profile import change, erase, profile_of
from core.courses.queries import enrolled_courses

router = APIRouter(prefix="/me", tags=["me"])


@router.get("")
def get_me(session: SessionDep, caller: Caller) -> ProfileOut:
    """The caller's own account."""
    return ProfileOut.model_validate(profile_of(session, caller.profile_id))


@router.patch("", response_model=ProfileOut)
def patch_me(body: ProfileEdit, session: SessionDep, caller: Caller, idempotency: Idempotency) -> Response:
    """Change the display name or the language."""
    return idempotency(200, lambda: ProfileOut.model_validate(change(session, caller.profile_id, body.changes())))


@router.delete("", status_code=204)
def delete_me(
    body: EraseInput,
    session: SessionDep,
    caller: Caller,
    idempotency: Idempotency,
    limit: AttemptLimit,
    clock: ClockDep,
) -> Response:
    """Erase the account: delete name, address and posts, end its sessions, archive its offers; orders stay.

    Issued access tokens expire within minutes; until then they can change nothing.
    """
    limit("erase", str(caller.profile_id))
    password = body.password.get_secret_value()
    return idempotency(204, lambda: erase(session, caller.profile_id, password, clock()))


@router.get("/courses")
def get_my_courses(session: SessionDep, caller: Caller, page: NewestPage) -> Page[OwnedCourseOut]:
    """The courses the caller is enrolled in, the newest enrollment first."""
    return page_of(enrolled_courses(session, caller.profile_id, page), OwnedCourseOut.of)
