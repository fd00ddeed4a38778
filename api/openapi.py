"""The OpenAPI document: what FastAPI cannot say by itself is added here."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cached_property
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.deps import BEARER, OPTIONAL_BEARER
from api.glossary import describe
from api.problems import MEDIA_TYPE, ProblemBody
from api.refusals import problems_of, responses_of
from api.routes.webhooks import OPENAPI as WEBHOOKS

_EVENT_STREAM: Final = "text/event-stream"
_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSED: Final = {"description": "Refused before the operation began.", "content": _PROBLEM}
_REQUEST_ID: Final = {
    "X-Request-Id": {"description": "The id of the request in the log.", "schema": {"type": "string"}}
}
DESCRIPTION: Final = """
Errors are `application/problem+json` (RFC 9457) with a stable `code`; each operation lists its codes, and
`/problems/{code}` says what each means. Requests that change something take an `Idempotency-Key`: repeated with the
same key and body, they get the first answer. Lists have cursor pages. Times are ISO 8601 in UTC; money is an integer of
minor units with an ISO 4217 code. Any request may also be refused before its operation begins: 404
`no_such_endpoint`, 405 `method_not_allowed`, 408 `request_too_slow`, 431 `head_too_large`.
"""


class DocumentedAPI(FastAPI):
    """An application whose OpenAPI document names every problem, and describes every field."""

    def openapi(self) -> dict[str, Any]:
        """The document, made on first use."""
        return self._document

    @cached_property
    def _document(self) -> dict[str, Any]:
        document = deepcopy(super().openapi())
        components = document["components"]
        problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        definitions: dict[str, Any] = problem.pop("$defs", {})
        components["schemas"].update({"Problem": problem, **definitions})
        components["schemas"].pop("HTTPValidationError", None)
        components["schemas"].pop("ValidationError", None)
        components["securitySchemes"].pop(OPTIONAL_BEARER, None)
        for route, operation in self._documented(document):
            operation["responses"].pop("422", None)
            operation["responses"].update(responses_of(problems_of(route)))
        document["paths"].update(deepcopy(WEBHOOKS))
        for operation in _operations(document):
            _correct(operation)
        for name, schema in _fields(document):
            describe(name, schema)
        return document

    def _documented(self, document: dict[str, Any]) -> Iterator[tuple[APIRoute, dict[str, Any]]]:
        for found in iter_route_contexts(self.routes):
            if isinstance(found.original_route, APIRoute) and found.original_route.include_in_schema:
                # With what it has from the routers that include it, such as the dependency on an operator.
                route = cast("APIRoute", found)
                for method in route.methods or ():
                    yield route, document["paths"][route.path_format][method.lower()]


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _fields(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for schema in document["components"]["schemas"].values():
        yield from schema.get("properties", {}).items()
    for operation in _operations(document):
        for parameter in operation.get("parameters", []):
            described = parameter["schema"]
            yield parameter["name"], described
            parameter["description"] = described.get("description", "")


def _correct(operation: dict[str, Any]) -> None:
    """Say what FastAPI cannot: a security scheme may be optional, and OpenAPI 3.1 has no `itemSchema`.

    The summary is the first sentence of the description, not the name of a function.
    """
    summary, _, rest = " ".join(operation.pop("description").split()).partition(". ")
    operation["summary"] = summary.removesuffix(".")
    if rest:
        operation["description"] = rest
    schemes = operation.get("security", [])
    if {OPTIONAL_BEARER: []} in schemes:
        operation["security"] = [{BEARER: []}] if {BEARER: []} in schemes else [{}, {BEARER: []}]
    operation.setdefault("security", [])
    operation["responses"]["4XX"] = _REFUSED
    for answer in operation["responses"].values():
        answer["headers"] = {**answer.get("headers", {}), **_REQUEST_ID}
        if stream := answer.get("content", {}).get(_EVENT_STREAM):
            stream.pop("itemSchema", None)
            stream["schema"] = {"type": "string"}
