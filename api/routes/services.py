from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ClockDep, SessionDep, TeacherCaller, Visitor, get_caller, get_teacher
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.schemas.services import ServiceView
from core.services import authoring
from core.services.inputs import ServiceDraft, ServiceEdit
from core.services.queries import published_services, service_for, services_by

router = APIRouter(prefix="/services", tags=["services"])

Mine = Annotated[bool, Query(description="The caller's own, in every state; for teachers.")]


@router.get("")
def get_services(session: SessionDep, visitor: Visitor, page: NewestPage, *, mine: Mine = False) -> Page[ServiceView]:
    """Services on sale, the last published first."""
    rows = (
        services_by(session, get_teacher(get_caller(visitor)).profile_id, page)
        if mine
        else published_services(session, page)
    )
    return page_of(rows, ServiceView.of)


@router.post("", status_code=201, response_model=ServiceView)
def post_service(body: ServiceDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Make a service, not yet on sale."""
    return idempotency(
        201,
        lambda: ServiceView.of(authoring.create(session, teacher.profile_id, body)),
        location=lambda service: f"/services/{service.id}",
    )


@router.get("/{service_id}")
def get_service(service_id: UUID, session: SessionDep, visitor: Visitor) -> ServiceView:
    """A service on sale, or the teacher's own."""
    return ServiceView.of(service_for(session, service_id, visitor and visitor.profile_id))


@router.patch("/{service_id}", response_model=ServiceView)
def patch_service(
    service_id: UUID, body: ServiceEdit, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Change the teacher's own service; orders placed before keep their price."""
    return idempotency(200, lambda: ServiceView.of(authoring.edit(session, teacher.profile_id, service_id, body)))


@router.post("/{service_id}/publish", response_model=ServiceView)
def publish_service(
    service_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Put the teacher's own service on sale."""
    return idempotency(
        200,
        lambda: ServiceView.of(authoring.move(session, teacher.profile_id, service_id, "publish", clock())),
    )


@router.post("/{service_id}/archive", response_model=ServiceView)
def archive_service(
    service_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Take the teacher's own service off sale; what is booked stays booked."""
    return idempotency(
        200,
        lambda: ServiceView.of(authoring.move(session, teacher.profile_id, service_id, "archive", clock())),
    )
