"""The OpenAPI document."""

import re
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from api.refusals import codes_of
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
            assert "unexpected" in codes_of(operation) or operation["operationId"] in {
                "webhooks.stripe",
                "webhooks.livekit",
            }


def test_the_codes_of_an_operation_are_those_of_its_rules_dependencies_and_inputs(document: dict[str, Any]) -> None:
    responses = document["paths"]["/orders"]["post"]["responses"]
    codes = {
        status: answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
        for status, answer in responses.items()
        if status.isdecimal() and status != "201"
    }
    assert codes == {
        "400": ["body_invalid"],
        "401": ["session_ended", "unauthorized"],
        "409": ["course_owned", "idempotency_key_in_flight", "order_open", "seat_owned", "seats_full"],
        "413": ["body_too_large"],
        "415": ["media_type_unsupported"],
        "422": [
            *("currency_mixed", "idempotency_key_reused", "input_invalid"),
            *("order_too_large", "order_too_small", "product_twice", "product_unavailable"),
        ],
        "500": ["unexpected"],
        "503": ["unavailable"],
    }
    assert "Retry-After" in responses["503"]["headers"]


def test_every_field_and_parameter_has_a_meaning_and_an_example(document: dict[str, Any]) -> None:
    shown = ("examples", "enum", "const", "$ref")
    assert [name for name, schema in fields_of(document) if not schema.get("description")] == []
    unshown = [name for name, schema in fields_of(document) if not any(f"'{key}'" in str(schema) for key in shown)]
    assert unshown == []


def test_every_example_is_valid(document: dict[str, Any]) -> None:
    components = {"components": document["components"]}
    examples = [
        (name, example, OAS31Validator(schema | components))
        for name, schema in fields_of(document)
        for example in schema.get("examples", [])
    ]
    assert len(examples) > 100
    assert [(name, example) for name, example, validator in examples if not validator.is_valid(example)] == []


def fields_of(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The names and schemas of all fields and parameters."""
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    parameters = [(one["name"], one["schema"]) for operation in operations for one in operation.get("parameters", [])]
    models = document["components"]["schemas"].values()
    return [*parameters, *(field for model in models for field in model.get("properties", {}).items())]


@pytest.mark.parametrize(
    ("method", "path", "security"),
    [
        ("get", "/courses", OPTIONAL),
        ("get", "/me", NEEDED),
        ("post", "/orders", NEEDED),
        ("post", "/auth/register", OPTIONAL),
        ("post", "/auth/login", []),
        ("get", "/healthz", []),
    ],
)
def test_the_document_says_where_a_token_is_needed(
    document: dict[str, Any], method: str, path: str, security: list[dict[str, list[str]]]
) -> None:
    assert document["paths"][path][method].get("security") == security
    assert list(document["components"]["securitySchemes"]) == ["bearer"]


def test_every_operation_has_an_id_that_one_would_type_and_a_summary(document: dict[str, Any]) -> None:
    found = [operation for methods in document["paths"].values() for operation in methods.values()]
    ids = [operation["operationId"] for operation in found]
    assert [one for one in ids if not re.fullmatch(r"(admin\.)?[a-z]+\.[a-z]+(_[a-z]+)?", one)] == []
    assert len(set(ids)) == len(ids)
    assert [one["operationId"] for one in found if not 5 < len(one["summary"]) < 120] == []
