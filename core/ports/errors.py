"""How a call to an external service can fail."""


class GatewayError(Exception):
    """The far side could not be used; the call may be repeated with the same idempotency key.

    GatewayError
    ├── GatewayUnavailable   no answer, a timeout, a 5xx or a rate limit: try again later
    └── GatewayRejected      the far side understood and refused: repeating changes nothing
    """


class GatewayUnavailable(GatewayError):  # noqa: N818 - a fact, not an Error suffix
    """The far side did not answer, or answered that it cannot now."""


class GatewayRejected(GatewayError):  # noqa: N818 - likewise
    """The far side refused the request as it stands."""
