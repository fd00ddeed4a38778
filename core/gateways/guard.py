"""Lead every call of a gateway through a function, such as a circuit breaker."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

G = TypeVar("G")
T = TypeVar("T")


class Caller(Protocol):
    """Makes a call, or raises GatewayUnavailable instead."""

    def __call__(self, request: Callable[[], T], /) -> T:
        """The answer of `request`."""
        ...


def guarded(gateway: G, caller: Caller) -> G:
    """The same gateway; `caller` makes each of its calls.

    Every public method of a port is a call to the outside, so a new method is guarded without a line of its own.
    """
    return cast("G", _Guarded(gateway, caller))


class _Guarded:
    def __init__(self, gateway: object, caller: Caller) -> None:
        self._gateway = gateway
        self._caller = caller

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._gateway, name)

        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - handed through
            return self._caller(lambda: method(*args, **kwargs))

        return call
