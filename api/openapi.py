"""The OpenAPI document, with the problem schema as the error answer of every endpoint."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI

from api.deps import BEARER, OPTIONAL_BEARER
from api.problems import MEDIA_TYPE, ProblemBody
from api.routes.webhooks import OPENAPI as WEBHOOKS

_EVENT_STREAM: Final = "text/event-stream"
PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused: `code` is the reason, `detail` explains it.", "content": PROBLEM},
    "5XX": {"description": "The server failed; `incident` is the id of the log entry.", "content": PROBLEM},
}


def _refusing(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Add the error answers to hand-written paths; FastAPI adds them to its own."""
    return {
        path: {
            method: {**operation, "responses": {**operation["responses"], **REFUSALS}}
            for method, operation in methods.items()
        }
        for path, methods in paths.items()
    }


class DocumentedAPI(FastAPI):
    """An application whose OpenAPI document includes the problem schema and the webhook endpoint."""

    def openapi(self) -> dict[str, Any]:
        """The document, made on first use."""
        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        definitions: dict[str, Any] = problem.pop("$defs", {})
        document["components"]["schemas"].update({"Problem": problem, **definitions})
        document["components"]["securitySchemes"].pop(OPTIONAL_BEARER, None)
        document["paths"].update(_refusing(WEBHOOKS))
        for methods in document["paths"].values():
            for operation in methods.values():
                _correct(operation)
        return document


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
    for answer in operation["responses"].values():
        if stream := answer.get("content", {}).get(_EVENT_STREAM):
            stream.pop("itemSchema", None)
            stream["schema"] = {"type": "string"}
