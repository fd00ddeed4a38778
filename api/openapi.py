"""The OpenAPI document: every endpoint says that it refuses with problems."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, ProblemBody
from api.routes.webhooks import OPENAPI as WEBHOOKS

_REFERENCE = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused: `code` says why, `detail` what is allowed.", "content": _REFERENCE},
    "5XX": {"description": "Not possible now; `incident` names the entry in the log.", "content": _REFERENCE},
}


def _refusing(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Paths that are written by hand, with the refusals that FastAPI adds to its own."""
    return {
        path: {
            method: {**operation, "responses": {**operation["responses"], **REFUSALS}}
            for method, operation in methods.items()
        }
        for path, methods in paths.items()
    }


class DocumentedAPI(FastAPI):
    """An application whose OpenAPI document has the schema that its refusals point at."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if not self.openapi_schema:
            schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            definitions: dict[str, Any] = schema.pop("$defs", {})
            components = super().openapi().setdefault("components", {}).setdefault("schemas", {})
            components.update({"Problem": schema, **definitions})
            super().openapi()["paths"].update(_refusing(WEBHOOKS))
        return super().openapi()
