from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import SessionDep
from api.idempotency import Idempotency
from api.pages import Page, page_of
from api.refusals import refuses
from api.routes.admin.access import Operator
from api.schemas.admin.users import NewRole, UserOut, UsersQuery
from core.accounts.roles import LastAdmin, set_role
from core.console.users import user_of, users
from core.problems import NotFound

router = APIRouter(prefix="/users")


@router.get("", operation_id="admin.users.list")
def list_users(session: SessionDep, query: Annotated[UsersQuery, Query()]) -> Page[UserOut]:
    """Accounts, the newest first."""
    return page_of(users(session, query, query.page), UserOut.model_validate)


@router.get("/{profile_id}", operation_id="admin.users.get")
@refuses(NotFound)
def get_user(profile_id: UUID, session: SessionDep) -> UserOut:
    """One account."""
    return UserOut.model_validate(user_of(session, profile_id))


@router.put("/{profile_id}/role", response_model=UserOut, operation_id="admin.users.set_role")
@refuses(LastAdmin, NotFound)
def put_role(
    profile_id: UUID, body: NewRole, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Give an account a role; the last operator keeps the role. Access tokens with the old role can change nothing."""
    actor = operator.profile_id
    return idempotency(
        200,
        lambda: UserOut.model_validate(set_role(session, profile_id, body.role, actor_id=actor, reason=body.reason)),
    )
