"""Every error as RFC 9457 `application/problem+json`: type, title, status, detail, code, and the invalid field."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import psycopg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from sqlalchemy.exc import InternalError
from sqlalchemy.exc import OperationalError as DatabaseOperationalError
from sqlalchemy.exc import TimeoutError as DatabaseTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.inputs import rule_of
from core.problems import InputInvalid, Problem

log = structlog.get_logger("api")

MEDIA_TYPE = "application/problem+json"
# Bytes of a body: a lesson's text can be long.
MAX_BODY = 2**20
# Bytes of a body under a path whose inputs are short.
SHORT_BODIES: Final = {"/auth": 2**14, "/me": 2**14, "/orders": 2**14, "/payments": 2**14}
# Invalid inputs that a problem names.
MAX_ERRORS = 20
# Characters of an unknown field's name that are answered.
MAX_NAME = 100


class FieldError(BaseModel):
    """One invalid input."""

    field: str = Field(description="The input's name, with dots for nested fields.")
    location: str = Field(description="body, query, path or header.")
    detail: str = Field(description="What is allowed.")


class ProblemBody(BaseModel):
    """An error (RFC 9457). `code` is stable and for programs, `detail` is for people."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(
        examples=["/problems/order_open"], description="The address of a page about the code, on this host."
    )
    title: str
    status: int
    detail: str
    code: str
    field: str | None = Field(default=None, description="The invalid input, if there is one.")
    errors: list[FieldError] | None = Field(default=None, description="The invalid inputs, at most 20.")
    incident: str | None = Field(default=None, description="The id of an unexpected error in the log.")


class BodyInvalid(Problem):
    """The body is not JSON in UTF-8."""

    code = "body_invalid"
    title = "The body cannot be read."
    status = 400


class MediaTypeUnsupported(Problem):
    """The body is of another type than JSON."""

    code = "media_type_unsupported"
    title = "This type of body cannot be read."
    status = 415


class BodyTooLarge(Problem):
    """The body is larger than the limit of its path."""

    code = "body_too_large"
    title = "The body is too large."
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body may have up to {limit} bytes here.")


class NoSuchEndpoint(Problem):
    """There is no endpoint at this path."""

    code = "no_such_endpoint"
    title = "There is no such endpoint."
    status = 404


class MethodNotAllowed(Problem):
    """The path does not support this method."""

    code = "method_not_allowed"
    title = "This method is not allowed."
    status = 405


class Unavailable(Problem):
    """The database cannot be reached or has no free connection; nothing was changed."""

    code = "unavailable"
    title = "This is not possible right now."
    status = 503


class Unexpected(Problem):
    """An unexpected error; the log has its details under the incident id."""

    code = "unexpected"
    title = "Something went wrong on our side."
    status = 500


def max_body(path: str) -> int:
    """How many bytes a body may have at `path`."""
    return SHORT_BODIES.get("/" + path.lstrip("/").partition("/")[0], MAX_BODY)


def problem_response(problem: Problem, **members: object) -> Response:
    """The answer for `problem`, with `members` added to the standard ones."""
    body = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        **problem.extras(),
        **members,
    }
    headers: dict[str, str] = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(to_json(body), problem.status, headers, media_type=MEDIA_TYPE)


def _on_problem(_: Request, error: Exception) -> Response:
    return problem_response(cast("Problem", error))


def _on_validation(request: Request, error: Exception) -> Response:
    found = cast("Sequence[Mapping[str, Any]]", cast("RequestValidationError", error).errors())
    if found[0]["loc"] == ("body",) and not _is_json(request.headers.get("content-type", "")):
        return problem_response(MediaTypeUnsupported("Send the body as JSON, with `Content-Type: application/json`."))
    if found[0]["type"] == "json_invalid":
        return problem_response(BodyInvalid(f"The body is not JSON: {found[0]['ctx']['error']}."))
    errors = [_field_error(one) for one in found[:MAX_ERRORS]]
    detail = "; ".join(f"{one.field}: {one.detail}" for one in errors)
    if more := len(found) - len(errors):
        detail += f"; and {more} more"
    return problem_response(InputInvalid(detail, field=errors[0].field), errors=[one.model_dump() for one in errors])


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _field_error(found: Mapping[str, Any]) -> FieldError:
    """The input's name and the rule; never the value, which may be a password."""
    location, *path = [str(part)[:MAX_NAME] for part in found["loc"]]
    return FieldError(field=".".join(path) or location, location=location, detail=rule_of(found))


def _on_http(request: Request, error: Exception) -> Response:
    found = cast("HTTPException", error)
    match found.status_code:
        case 404:
            return problem_response(NoSuchEndpoint(f"There is no endpoint at {request.url.path}."))
        case 405:
            return problem_response(MethodNotAllowed(f"{request.method} is not allowed here."))
        case 413:
            return problem_response(BodyTooLarge(max_body(request.url.path)))
        case _ if isinstance(found.__cause__, RecursionError):
            return problem_response(BodyInvalid("The body is nested too deep."))
        case _:
            # FastAPI raises this for a body that is not UTF-8.
            return problem_response(BodyInvalid("The body is not UTF-8 text."))


def _on_no_database(_: Request, error: Exception) -> Response:
    # Only the type: the error's text contains statements and their values.
    log.warning("database unavailable", error=type(error).__name__)
    return problem_response(Unavailable("Try again in a moment.", retry_after=5))


def _on_internal(request: Request, error: Exception) -> Response:
    """A server that has become read-only, as in a failover, is unavailable; any other such error is a fault of ours."""
    if isinstance(cast("InternalError", error).orig, ReadOnlySqlTransaction):
        return _on_no_database(request, error)
    raise error


def install(app: FastAPI) -> None:
    """Render every error of `app` as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for unavailable in (DatabaseOperationalError, DatabaseTimeoutError, psycopg.OperationalError, PoolTimeout):
        app.add_exception_handler(unavailable, _on_no_database)
    app.add_exception_handler(InternalError, _on_internal)
