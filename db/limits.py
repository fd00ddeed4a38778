"""What ends a wait on a connection to PostgreSQL: at this end, at the server's end, and in a statement.

Without these a connection whose packets are dropped hangs for ever at both ends, and its row locks with it.
"""

from collections.abc import Mapping
from typing import Final

# Seconds to connect to each address of the host.
CONNECT_SECONDS: Final = 5
# A host that acknowledges nothing for so long is lost. A failover takes longer, a lost packet is sent again sooner.
SILENT_SECONDS: Final = 10
# An idle connection is probed after so long, and again after each interval.
PROBE_SECONDS: Final = 10
PROBE_INTERVAL_SECONDS: Final = 5
PROBES: Final = 3

# Of a request, whose sender has given up after that time.
REQUEST_STATEMENT_SECONDS: Final = 10
REQUEST_LOCK_SECONDS: Final = 5
# No request is idle in a transaction for as long as one call to Stripe may take.
REQUEST_IDLE_SECONDS: Final = 30
# Of a job: statements about many rows, as pruning, take seconds; an export works on its archive in between.
JOB_STATEMENT_SECONDS: Final = 300
JOB_LOCK_SECONDS: Final = 30
JOB_IDLE_SECONDS: Final = 300


# For libpq. A host that has become read-only, as after a failover, is no host to connect to.
NETWORK: Final[Mapping[str, int | str]] = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": SILENT_SECONDS * 1000,
    "keepalives_idle": PROBE_SECONDS,
    "keepalives_interval": PROBE_INTERVAL_SECONDS,
    "keepalives_count": PROBES,
    "target_session_attrs": "read-write",
}
# The same for the server's end.
SERVER_NETWORK: Final = (
    f" -c tcp_user_timeout={SILENT_SECONDS}s -c tcp_keepalives_idle={PROBE_SECONDS}"
    f" -c tcp_keepalives_interval={PROBE_INTERVAL_SECONDS} -c tcp_keepalives_count={PROBES}"
)


def _waits(statement: int, lock: int, idle: int) -> str:
    return f" -c statement_timeout={statement}s -c lock_timeout={lock}s -c idle_in_transaction_session_timeout={idle}s"


REQUEST_WAITS: Final = _waits(REQUEST_STATEMENT_SECONDS, REQUEST_LOCK_SECONDS, REQUEST_IDLE_SECONDS)
JOB_WAITS: Final = _waits(JOB_STATEMENT_SECONDS, JOB_LOCK_SECONDS, JOB_IDLE_SECONDS)
