"""Errors that a caller can cause, each with a stable code and an HTTP status."""

from collections.abc import Mapping
from typing import ClassVar


class Problem(Exception):  # noqa: N818 - an answer to the caller, not a bug
    """A refused request, rendered as RFC 9457 problem details.

    `detail` says what is wrong and what is allowed; `field` names the invalid input; `retry_after` is in seconds.
    """

    code: ClassVar[str] = "problem"
    title: ClassVar[str] = "The request cannot be done."
    status: ClassVar[int] = 400

    def __init__(self, detail: str, *, field: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.retry_after = retry_after

    def extras(self) -> Mapping[str, object]:
        """Members beside the standard ones, such as the id of an open order."""
        return {"field": self.field} if self.field else {}


class NotFound(Problem):
    """It does not exist, or the caller may not see it; both get the same answer."""

    code = "not_found"
    title = "Not found."
    status = 404


class InputInvalid(Problem):
    """A field is missing or its value is not allowed."""

    code = "input_invalid"
    title = "The input is not valid."
    status = 422


class Conflict(Problem):
    """The current state does not allow the request."""

    code = "conflict"
    title = "This is not possible in the current state."
    status = 409


class Unauthorized(Problem):
    """There is no access token, or it is forged, expired or revoked."""

    code = "unauthorized"
    title = "Sign in first."
    status = 401


class Forbidden(Problem):
    """The caller is known, but may not do this."""

    code = "forbidden"
    title = "You may not do this."
    status = 403


class TooManyRequests(Problem):
    """A limit on attempts is reached; the header `Retry-After` says when to try again."""

    code = "too_many_requests"
    title = "Too many attempts."
    status = 429
