"""The OpenAPI document."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.support.api_harness import ApiHarness

NEEDED: list[dict[str, list[str]]] = [{"bearer": []}]
OPTIONAL: list[dict[str, list[str]]] = [{}, {"bearer": []}]


@pytest.fixture
def document(api: ApiHarness) -> dict[str, Any]:
    found: dict[str, Any] = api.visitor().get("/openapi.json").json()
    return found


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_the_document_declares_refusals_as_problems(document: dict[str, Any]) -> None:
    problem = document["components"]["schemas"]["Problem"]["properties"]
    assert {"code", "detail", "status", "title", "type"} <= problem.keys()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert "application/problem+json" in operation["responses"]["4XX"]["content"]


@pytest.mark.parametrize(
    ("method", "path", "security"),
    [
        ("get", "/courses", OPTIONAL),
        ("get", "/me", NEEDED),
        ("post", "/orders", NEEDED),
        ("post", "/auth/register", OPTIONAL),
        ("post", "/auth/login", None),
        ("get", "/healthz", None),
    ],
)
def test_the_document_says_where_a_token_is_needed(
    document: dict[str, Any], method: str, path: str, security: list[dict[str, list[str]]] | None
) -> None:
    assert document["paths"][path][method].get("security") == security
    assert list(document["components"]["securitySchemes"]) == ["bearer"]


def test_every_operation_has_an_id_that_one_would_type_and_a_summary(document: dict[str, Any]) -> None:
    found = [operation for methods in document["paths"].values() for operation in methods.values()]
    ids = [operation["operationId"] for operation in found]
    assert [one for one in ids if not re.fullmatch(r"(admin\.)?[a-z]+\.[a-z]+(_[a-z]+)?", one)] == []
    assert len(set(ids)) == len(ids)
    assert [one["operationId"] for one in found if not 5 < len(one["summary"]) < 120] == []
