from fastapi import APIRouter, Response

from api.deps import Caller, ClockDep, SessionDep
from api.idempotency import Idempotency
from api.limits import Limit
from api.pages import NewestPage, Page, page_of
from api.schemas.accounts import ProfileView
from api.schemas.courses import OwnedCourseView
from core.accounts.inputs import EraseInput, ProfileEdit
from core.accounts.profile import change, erase, profile_of
from core.courses.queries import courses_of

router = APIRouter(prefix="/me", tags=["me"])


@router.get("")
def get_me(session: SessionDep, caller: Caller) -> ProfileView:
    """The caller's own account."""
    return ProfileView.model_validate(profile_of(session, caller.profile_id))


@router.patch("", response_model=ProfileView)
def patch_me(body: ProfileEdit, session: SessionDep, caller: Caller, idempotency: Idempotency) -> Response:
    """Change the name or the language."""
    return idempotency(200, lambda: ProfileView.model_validate(change(session, caller.profile_id, body.changes())))


@router.delete("", status_code=204)
def delete_me(
    body: EraseInput, session: SessionDep, caller: Caller, idempotency: Idempotency, limit: Limit, clock: ClockDep
) -> Response:
    """Erase the account: its name and address go, its sessions end, its posts and offers leave; bookkeeping stays.

    Access tokens already given end by themselves within minutes, and change nothing until then.
    """
    limit("erase", str(caller.profile_id))
    password = body.password.get_secret_value()
    return idempotency(204, lambda: erase(session, caller.profile_id, password, clock()))


@router.get("/courses")
def get_my_courses(session: SessionDep, caller: Caller, page: NewestPage) -> Page[OwnedCourseView]:
    """The courses the caller is enrolled in, the last granted first."""
    return page_of(courses_of(session, caller.profile_id, page), OwnedCourseView.of)
