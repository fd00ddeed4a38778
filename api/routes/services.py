from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ClockDep, OptionalCaller, SessionDep, TeacherCaller, get_teacher, required
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.services import ServiceOut
from core.offers.authoring import OfferStateConflict
from core.offers.prices import PriceNotAllowed
from core.problems import Forbidden, NotFound
from core.services import authoring
from core.services.inputs import ServiceDraft, ServiceEdit
from core.services.queries import published_services, teacher_services, visible_service

router = APIRouter(prefix="/services", tags=["services"])

Mine = Annotated[bool, Query(description="Only the caller's own services, in every state; for teachers.")]


@router.get("", operation_id="services.list")
@refuses(Forbidden)
def get_services(
    session: SessionDep, caller: OptionalCaller, page: NewestPage, *, mine: Mine = False
) -> Page[ServiceOut]:
    """Services on sale, the newest publication first."""
    rows = (
        teacher_services(session, get_teacher(required(caller)).profile_id, page)
        if mine
        else published_services(session, page)
    )
    return page_of(rows, ServiceOut.of)


@router.post("", status_code=201, response_model=ServiceOut, operation_id="services.create")
@refuses(PriceNotAllowed)
def post_service(body: ServiceDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Create a service; it is not on sale yet."""
    return idempotency(
        201,
        lambda: ServiceOut.of(authoring.create(session, teacher.profile_id, body)),
        location=lambda service: f"/services/{service.id}",
    )


@router.get("/{service_id}", operation_id="services.get")
@refuses(NotFound)
def get_service(service_id: UUID, session: SessionDep, caller: OptionalCaller) -> ServiceOut:
    """A service on sale, or the teacher's own."""
    return ServiceOut.of(visible_service(session, service_id, caller and caller.profile_id))


@router.patch("/{service_id}", response_model=ServiceOut, operation_id="services.change")
@refuses(NotFound, OfferStateConflict, PriceNotAllowed)
def patch_service(
    service_id: UUID, body: ServiceEdit, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Change the teacher's own service; existing orders keep their price."""
    return idempotency(200, lambda: ServiceOut.of(authoring.edit(session, teacher.profile_id, service_id, body)))


@router.post("/{service_id}/publish", response_model=ServiceOut, operation_id="services.publish")
@refuses(NotFound, OfferStateConflict, PriceNotAllowed)
def publish_service(
    service_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Put the teacher's own service on sale."""
    return idempotency(
        200,
        lambda: ServiceOut.of(authoring.transition(session, teacher.profile_id, service_id, "publish", clock())),
    )


@router.post("/{service_id}/archive", response_model=ServiceOut, operation_id="services.archive")
@refuses(NotFound, OfferStateConflict)
def archive_service(
    service_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Take the teacher's own service off sale; bookings stay."""
    return idempotency(
        200,
        lambda: ServiceOut.of(authoring.transition(session, teacher.profile_id, service_id, "archive", clock())),
    )
