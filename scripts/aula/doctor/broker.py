"""Whether the broker is as the relay and the workers need it."""

from collections.abc import Mapping
from typing import Any, Final, cast

import redis

from scripts.aula.doctor.checks import Checks, fault, ok, warning

# Redis 6.2, and Valkey, which began at 7.2.
OLDEST_VERSION: Final = (6, 2)
_WAIT_SECONDS: Final = 3.0


def check_broker(url: str) -> Checks:
    """The server, what it does when it is full, and whether it keeps messages through a restart."""
    try:
        with redis.from_url(url, socket_timeout=_WAIT_SECONDS, socket_connect_timeout=_WAIT_SECONDS) as client:
            info = cast("Mapping[str, Any]", client.info())  # pyright: ignore[reportUnknownMemberType] - redis-py's own
    except (redis.RedisError, ValueError) as error:
        # Errors about an address may quote it, password included.
        reason = f"{type(error).__name__}: the broker does not answer, or refuses the password"
        yield fault("broker", "reachable", reason, "Start Redis or Valkey, or mend AULA_REDIS_URL.")
        return
    yield from _check_info(info)


def _check_info(info: Mapping[str, Any]) -> Checks:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_VERSION:
        yield fault("broker", "version", f"{name} {version}", "Aula needs Redis 6.2 or newer, or Valkey.")
    else:
        yield ok("broker", "version", f"{name} {version}")
    policy = str(info.get("maxmemory_policy"))
    if policy == "noeviction":
        yield ok("broker", "eviction", policy)
    else:
        yield fault(
            "broker",
            "eviction",
            f"{policy}: when memory is short, queues are deleted, and their jobs wait for their leases to run out",
            "config set maxmemory-policy noeviction, and the same in its configuration file.",
        )
    if info.get("aof_enabled"):
        yield ok("broker", "persistence", "append-only file")
    else:
        yield warning(
            "broker",
            "persistence",
            "no append-only file: a restart loses the queues, and their jobs wait for their leases to run out",
            "config set appendonly yes, and the same in its configuration file.",
        )
