"""Who may use the endpoints of operators, and how long their searches may take."""

from typing import Annotated

from fastapi import Depends

from api.deps import AdminCaller, SessionDep
from core.console.limits import limit_time
from core.identity import Identity


def get_operator(session: SessionDep, caller: AdminCaller) -> Identity:
    """A caller who is an operator, whose searches are limited in time. Raises Unauthorized, Forbidden."""
    limit_time(session)
    return caller


Operator = Annotated[Identity, Depends(get_operator)]
