"""How a call to an external service can fail."""


class GatewayError(Exception):
    """The far side could not be used; the call may be repeated with the same idempotency key.

    GatewayError
    ├── GatewayUnavailable       no answer, a timeout, a 5xx, a rate limit or a key it does not accept: try again later
    │   ├── GatewayDeferred      it answers, but cannot do this one request now; others may succeed
    │   ├── GatewayBusy          this process makes as many calls as it may; the far side was not called
    │   └── GatewayKeySpent      it keeps a failed answer under the idempotency key: try again with another key
    └── GatewayRejected          the far side understood and refused: repeating changes nothing
        └── GatewayNotFound      it has no object with that id
    """


class GatewayUnavailable(GatewayError):  # noqa: N818 - a fact, not an Error suffix
    """The far side did not answer, or answered that it cannot now.

    `retry_after` is how long to wait, in seconds, where the far side or its circuit breaker says so.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class GatewayDeferred(GatewayUnavailable):
    """The far side answers, but cannot do this request now, such as an email to a mailbox that is full."""


class GatewayBusy(GatewayUnavailable):
    """As many calls as allowed are under way; the far side was not called."""


class GatewayKeySpent(GatewayUnavailable):
    """The far side repeats a failed answer that it keeps under this idempotency key."""


class GatewayRejected(GatewayError):  # noqa: N818 - likewise
    """The far side refused the request as it stands."""


class GatewayNotFound(GatewayRejected):
    """The far side has no object with that id."""
