"""The id of a request."""

from uuid import UUID

import pytest

from tests.support.api_harness import ApiHarness

GIVEN = "0192f6a1-7d1c-7bb0-9d1a-0242ac120002"


def test_the_callers_id_is_used(api: ApiHarness) -> None:
    answer = api.visitor().get("/healthz", headers={"X-Request-ID": GIVEN})
    assert answer.headers["X-Request-Id"] == GIVEN


def test_an_id_in_another_form_is_written_as_a_uuid(api: ApiHarness) -> None:
    answer = api.visitor().get("/healthz", headers={"X-Request-ID": GIVEN.replace("-", "").upper()})
    assert answer.headers["X-Request-Id"] == GIVEN


@pytest.mark.parametrize("given", ["", "1", "ottilia@aula.example", GIVEN + "0", "x" * 8000, "å"])
def test_an_id_that_is_no_uuid_is_replaced(api: ApiHarness, given: str) -> None:
    answer = api.visitor().get("/healthz", headers=[(b"X-Request-ID", given.encode())])
    assert UUID(answer.headers["X-Request-Id"]).version == 4
