from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import SessionDep
from api.pages import Page, page_of
from api.refusals import refuses
from api.schemas.admin.orders import AdminOrderOut, OrdersQuery, TimelineEntryOut, TimelineOut
from core.console.orders import order_of, orders
from core.console.timeline import MAX_ENTRIES, timeline
from core.problems import NotFound

router = APIRouter(prefix="/orders")


@router.get("", operation_id="admin.orders.list")
def list_all_orders(session: SessionDep, query: Annotated[OrdersQuery, Query()]) -> Page[AdminOrderOut]:
    """Orders of all buyers, the newest first."""
    return page_of(orders(session, query, query.page), AdminOrderOut.of)


@router.get("/{order_id}", operation_id="admin.orders.get")
@refuses(NotFound)
def get_any_order(order_id: UUID, session: SessionDep) -> AdminOrderOut:
    """One order and its buyer's address; `GET /orders/{order_id}` has its items."""
    return AdminOrderOut.of(order_of(session, order_id))


@router.get("/{order_id}/timeline", operation_id="admin.orders.timeline")
@refuses(NotFound)
def get_timeline(order_id: UUID, session: SessionDep) -> TimelineOut:
    """Everything that happened to the order: checkouts, events, jobs, emails, money, access, findings."""
    entries = [TimelineEntryOut.model_validate(entry) for entry in timeline(session, order_id)]
    return TimelineOut(entries=entries, complete=len(entries) < MAX_ENTRIES)
