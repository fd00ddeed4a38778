"""How uvicorn serves the API: its limits, and whose word it takes about the client's address."""

from collections.abc import Sequence
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from api.connection import LimitedProtocol

# Connections of one process. Each costs some 10 kB, an event stream some 50 kB.
MAX_CONNECTIONS: Final = 4000
# Seconds that an idle connection stays open: more than proxies keep theirs, so that they close first.
KEEP_ALIVE: Final = 75
# Seconds for requests that are under way, and for open event streams, when the process is told to end.
GRACE: Final = 8


def server_config(app: ASGIApp | str, *, port: int, proxies: Sequence[str], host: str = "127.0.0.1") -> uvicorn.Config:
    """The configuration of one process.

    `proxies` are the addresses or networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=LimitedProtocol,
        ws="none",
        access_log=False,
        # Its lines go the way of all others (core/logs.py), as JSON.
        log_config=None,
        log_level="warning",
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        server_header=False,
    )
