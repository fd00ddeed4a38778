"""Errors as facts: what a caller can get wrong, each with a stable code and an HTTP status that fits it."""

from collections.abc import Mapping
from typing import ClassVar


class Problem(Exception):  # noqa: N818 - a fact a person reads, not a fault of the program
    """A refusal that a person can understand and mend; RFC 9457 renders it.

    `detail` names what is wrong and what is allowed; `field` the input at fault; `retry_after` is in seconds.
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
        """Members beside the standard ones, such as the id of an order already open."""
        return {"field": self.field} if self.field else {}


class NotFound(Problem):
    """There is no such thing, or it is not the caller's to see: the two answer alike."""

    code = "not_found"
    title = "Not found."
    status = 404


class InputInvalid(Problem):
    """A field is missing or outside what is allowed."""

    code = "input_invalid"
    title = "The input is not valid."
    status = 422


class Conflict(Problem):
    """The thing is in a state that does not allow this."""

    code = "conflict"
    title = "This is not possible in the present state."
    status = 409


class Unauthorized(Problem):
    """No proof of identity, or one that is forged, expired or revoked."""

    code = "unauthorized"
    title = "Sign in first."
    status = 401


class Forbidden(Problem):
    """The caller is known, and this is not for them."""

    code = "forbidden"
    title = "This is not for you."
    status = 403


class TooManyRequests(Problem):
    """A limit on attempts is reached; `retry_after` says when to come back."""

    code = "too_many_requests"
    title = "Too many attempts."
    status = 429
