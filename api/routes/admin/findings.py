from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ClockDep, SessionDep
from api.idempotency import Idempotency
from api.pages import Page, page_of
from api.refusals import refuses
from api.routes.admin.access import Operator
from api.schemas.admin.base import Action
from api.schemas.admin.findings import FindingOut, FindingsQuery
from core.console.findings import finding_of, findings
from core.findings.actions import action_named
from core.findings.problems import FindingActionRefused, FindingClosed
from core.payments.problems import OrderAlreadyPaid, PaymentGivenBack
from core.problems import NotFound
from core.refunds.problems import ItemRefunded, PaymentUnknown
from core.wiring.handlers import FINDING_ACTIONS

router = APIRouter(prefix="/findings")


@router.get("", operation_id="admin.findings.list")
def list_findings(session: SessionDep, query: Annotated[FindingsQuery, Query()]) -> Page[FindingOut]:
    """What a person must look at, the newest first."""
    return page_of(findings(session, query, query.page), FindingOut.of)


@router.get("/{finding_id}", operation_id="admin.findings.get")
@refuses(NotFound)
def get_finding(finding_id: UUID, session: SessionDep) -> FindingOut:
    """One finding, with what can be done about it."""
    return FindingOut.of(finding_of(session, finding_id))


@router.post("/{finding_id}/{action}", response_model=FindingOut, operation_id="admin.findings.act")
@refuses(
    FindingActionRefused, FindingClosed, ItemRefunded, NotFound, OrderAlreadyPaid, PaymentGivenBack, PaymentUnknown
)
def act_on_finding(
    finding_id: UUID,
    action: str,
    body: Action,
    session: SessionDep,
    operator: Operator,
    idempotency: Idempotency,
    clock: ClockDep,
) -> Response:
    """Do what the finding's `actions` allow, such as `dismiss`, and close it."""
    act = action_named(FINDING_ACTIONS, action)

    def work() -> FindingOut:
        act(session, finding_id, actor_id=operator.profile_id, reason=body.reason, now=clock())
        return FindingOut.of(finding_of(session, finding_id))

    return idempotency(200, work)
