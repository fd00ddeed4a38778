"""Free TCP ports on the loopback address.

Another run could choose the same port before a server binds it. So a choice is reserved by binding the UDP port
of the same number until this process ends. Servers use TCP, and the kernel releases the reservation even after
SIGKILL.
"""

import atexit
import secrets
import socket

from scripts.local.errors import LocalServiceError

HOST = "127.0.0.1"
# Below the ports that Linux and macOS use for outgoing connections.
_LOWEST, _HIGHEST = 20_000, 32_000
_TRIES = 200

_reserved: dict[int, socket.socket] = {}


@atexit.register
def _release_all() -> None:
    for reservation in _reserved.values():
        reservation.close()


def free_port(preferred: int | None = None) -> int:
    """Reserve a free port until this process ends: the preferred one if it is free.

    Raises:
        LocalServiceError: no port between 20000 and 32000 was free in 200 tries.
    """
    span = _HIGHEST - _LOWEST
    candidates = [preferred] if preferred is not None else []
    candidates += [_LOWEST + secrets.randbelow(span) for _ in range(_TRIES)]
    for port in candidates:
        if port not in _reserved and _reserve(port):
            return port
    raise LocalServiceError(f"no free TCP port was found between {_LOWEST} and {_HIGHEST} on {HOST}")


def _reserve(port: int) -> bool:
    reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        reservation.bind((HOST, port))
        _check_unused(port)
    except OSError:
        reservation.close()
        return False
    _reserved[port] = reservation
    return True


def _check_unused(port: int) -> None:
    with socket.socket() as probe:
        # As servers do: connections in TIME_WAIT do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
