"""The OpenAPI document, with the problem schema as the error answer of every endpoint."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, ProblemBody
from api.routes.webhooks import OPENAPI as WEBHOOKS

PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
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
        if not self.openapi_schema:
            schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            definitions: dict[str, Any] = schema.pop("$defs", {})
            components = super().openapi().setdefault("components", {}).setdefault("schemas", {})
            components.update({"Problem": schema, **definitions})
            super().openapi()["paths"].update(_refusing(WEBHOOKS))
        return super().openapi()
