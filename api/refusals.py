"""Which problems an operation can answer: a route declares its own, those of its dependencies and inputs follow."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import getdoc
from itertools import groupby
from typing import Any, Final, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.deps import get_admin, get_caller, get_optional_caller, get_teacher
from api.event_stream import get_stream_reader
from api.gateways import get_bounded_gateway
from api.idempotency import get_idempotent_request
from api.limits import get_attempt_limiter
from api.problems import MEDIA_TYPE, BodyInvalid, BodyTooLarge, MediaTypeUnsupported, Unavailable, Unexpected
from core.accounts.factor_problems import FactorNeeded
from core.accounts.tickets import TicketRefused
from core.idempotency.keys import KeyInFlight, KeyReused
from core.identity import SessionEnded
from core.payments.problems import ProviderBusy, ProviderRefused, ProviderUnavailable
from core.problems import Forbidden, InputInvalid, Problem, TooManyRequests, Unauthorized

Problems = Sequence[type[Problem]]

ALWAYS: Final[Problems] = (Unavailable, Unexpected)
_OF_DEPENDENCIES: Final[Mapping[Callable[..., Any], Problems]] = {
    get_caller: (Unauthorized, SessionEnded),
    get_optional_caller: (Unauthorized, SessionEnded),
    get_stream_reader: (Unauthorized, SessionEnded, TicketRefused),
    get_teacher: (Forbidden,),
    get_admin: (Forbidden, FactorNeeded),
    get_idempotent_request: (KeyReused, KeyInFlight, Unauthorized),
    get_attempt_limiter: (TooManyRequests,),
    get_bounded_gateway: (ProviderUnavailable, ProviderBusy, ProviderRefused),
}
_DECLARED: Final[dict[Callable[..., Any], Problems]] = {}
_WITH_BODY: Final[Problems] = (BodyInvalid, MediaTypeUnsupported, BodyTooLarge)
# A state that changes, a limit or an outage: the answer may say when to try again.
_PASSES: Final = frozenset({409, 429, 503})
_RETRY_AFTER: Final = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def refuses(*problems: type[Problem]) -> Callable[[Endpoint], Endpoint]:
    """Declare what an endpoint can answer, besides the problems of its dependencies and inputs."""

    def declare(endpoint: Endpoint) -> Endpoint:
        _DECLARED[endpoint] = problems
        return endpoint

    return declare


def problems_of(route: APIRoute) -> list[type[Problem]]:
    """All problems that the operation of a route can answer, by status and code."""
    called = set(_calls(route.dependant))
    found = {*ALWAYS, *_DECLARED.get(route.endpoint, ())}
    for dependency in called & _OF_DEPENDENCIES.keys():
        found.update(_OF_DEPENDENCIES[dependency])
    if route.body_field:
        found.update(_WITH_BODY)
    if route.body_field or any(_inputs(route.dependant)):
        found.add(InputInvalid)
    return sorted(found, key=lambda problem: (problem.status, problem.code))


def responses_of(problems: Iterable[type[Problem]]) -> dict[str, Any]:
    """The responses of an OpenAPI operation, one for each status, with the codes that it can have."""
    ordered = sorted(set(problems), key=lambda problem: (problem.status, problem.code))
    return {str(status): _response(status, list(group)) for status, group in groupby(ordered, lambda one: one.status)}


def _response(status: int, problems: Problems) -> dict[str, Any]:
    codes = {"type": "object", "properties": {"code": {"type": "string", "enum": [one.code for one in problems]}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, codes]}
    described = "\n".join(f"- [`{one.code}`](/problems/{one.code}): {meaning(one)}" for one in problems)
    response: dict[str, Any] = {"description": described, "content": {MEDIA_TYPE: {"schema": schema}}}
    return {**response, "headers": _RETRY_AFTER} if status in _PASSES else response


def codes_of(operation: Mapping[str, Any]) -> set[str]:
    """The codes of an operation of the OpenAPI document."""
    contents = [answer.get("content", {}).get(MEDIA_TYPE, {}) for answer in operation["responses"].values()]
    parts = [content["schema"]["allOf"][1] for content in contents if "allOf" in content.get("schema", {})]
    return {code for part in parts for code in part["properties"]["code"]["enum"]}


def meaning(problem: type[Problem]) -> str:
    """What a problem means, from its class."""
    return " ".join((getdoc(problem) or "").split())


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for below in dependant.dependencies:
        if below.call:
            yield below.call
        yield from _calls(below)


def _inputs(dependant: Dependant) -> Iterator[object]:
    yield from (*dependant.path_params, *dependant.query_params, *dependant.header_params)
    for below in dependant.dependencies:
        yield from _inputs(below)
