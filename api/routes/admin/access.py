"""Who may use the endpoints of operators, and how long their searches may take."""

from typing import Annotated

from fastapi import Depends

from api.deps import AdminCaller, SessionDep
from core.console.limits import limit_time
from core.identity import Identity, check_still_valid


def get_operator(session: SessionDep, caller: AdminCaller) -> Identity:
    """A caller who is an operator now, also for reads. Raises Unauthorized, Forbidden."""
    check_still_valid(session, caller)
    limit_time(session)
    return caller


Operator = Annotated[Identity, Depends(get_operator)]
