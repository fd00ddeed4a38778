"""All endpoints of operators. The role is checked here, once for all."""

from fastapi import APIRouter, Depends

from api.routes.admin import audit, events, findings, jobs, kinds, orders, replays, schedules, users
from api.routes.admin.access import get_operator

router = APIRouter(prefix="/admin", tags=["admin"], dependencies=[Depends(get_operator)])
for _one in (findings, orders, jobs, kinds, schedules, events, replays, audit, users):
    router.include_router(_one.router)
