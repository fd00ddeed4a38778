from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError

from api.deps import ClockDep, SessionsDep
from core.jobs.readiness import Readiness, measure_readiness

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process serves."""

    status: Literal["ok"] = "ok"


Seconds = Annotated[float | None, Field(description="Seconds; null when nothing waits.")]


class Ready(BaseModel):
    """Whether new work is welcome, and what was looked at."""

    status: Literal["ready", "not_ready"]
    database: bool
    relay: bool = Field(description="Whether a relay listens at the database.")
    oldest_due_job: Seconds
    oldest_unprocessed_event: Seconds


@router.get("/healthz")
async def healthz() -> Alive:
    """Liveness: answers while the process runs, whatever its neighbours do."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready}})
def readyz(sessions: SessionsDep, clock: ClockDep, response: Response) -> Ready:
    """Readiness: the database answers, a relay listens, and no event or due job waits over a minute."""
    try:
        with sessions.begin() as session:
            found = measure_readiness(session, clock())
    except OperationalError:
        found = Readiness(database=False)
    response.status_code = 200 if found.ready else 503
    return Ready.model_validate(found, from_attributes=True)
