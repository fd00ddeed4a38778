from fastapi import APIRouter, Response
from sqlalchemy.exc import OperationalError

from api.deps import ClockDep, SessionsDep
from api.schemas.health import AliveOut, ReadyOut
from core.jobs.readiness import Readiness, measure_readiness

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="health.live")
async def healthz() -> AliveOut:
    """Liveness: the process runs. Checks nothing else."""
    return AliveOut()


@router.get("/readyz", responses={503: {"model": ReadyOut}}, operation_id="health.ready")
def readyz(sessions: SessionsDep, clock: ClockDep, response: Response) -> ReadyOut:
    """Readiness: the database answers and is migrated, a relay listens, and nothing has waited for over a minute."""
    try:
        with sessions.begin() as session:
            found = measure_readiness(session, clock())
    except OperationalError:
        found = Readiness(database=False)
    response.status_code = 200 if found.ready else 503
    return ReadyOut.model_validate(found)
