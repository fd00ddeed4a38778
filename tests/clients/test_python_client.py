"""The client that openapi-python-client generates."""

import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_harness import ApiHarness

# The archive of an export is bytes, whatever they are called.
_CONFIG = '{"content_type_overrides": {"application/zip": "application/octet-stream"}, "post_hooks": []}'


@pytest.fixture(scope="module")
def package(document: Path) -> str:
    """The name of the generated package, which can be imported."""
    config = document.with_name("config.json")
    config.write_text(_CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document), "--meta", "none"]
    target = ["--output-path", str(document.with_name("python_client")), "--config", str(config), "--fail-on-warning"]
    done = subprocess.run([*command, *target], capture_output=True, text=True, check=False)  # noqa: S603 - our document
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(document.parent))
    return "python_client"


@dataclass(frozen=True, slots=True)
class Buyer:
    """A buyer's generated client."""

    package: str
    client: Any

    def call(self, operation: str, **arguments: object) -> Any:  # noqa: ANN401 - the generated models
        """The parsed answer of an operation such as `orders.place`."""
        resource = operation.partition(".")[0]
        module = import_module(f"{self.package}.api.{resource}.{operation.replace('.', '_')}")
        return module.sync(client=self.client, **arguments)

    def model(self, name: str) -> Any:  # noqa: ANN401 - a generated model
        return getattr(import_module(f"{self.package}.models"), name)


@pytest.fixture
def buyer(api: ApiHarness, package: str) -> Generator[Buyer]:
    token = api.token(api.user().id, "member")
    with import_module(package).AuthenticatedClient(base_url=api.url, token=token) as client:
        yield Buyer(package, client)


def test_a_buyer_places_reads_and_cancels_an_order(api: ApiHarness, buyer: Buyer) -> None:
    body = buyer.model("NewOrder").from_dict({"items": [api.course()]})
    order = buyer.call("orders.place", body=body, idempotency_key="once")
    assert (str(order.state), order.total_amount) == ("pending", 49_900)
    assert buyer.call("orders.place", body=body, idempotency_key="once").id == order.id
    assert [one.id for one in buyer.call("orders.list").items] == [order.id]
    assert str(buyer.call("orders.cancel", order_id=order.id).state) == "cancelled"


def test_a_refusal_is_typed_by_its_code(api: ApiHarness, buyer: Buyer) -> None:
    body = buyer.model("NewOrder").from_dict({"items": [api.course()]})
    buyer.call("orders.place", body=body)
    refusal = buyer.call("orders.place", body=body)
    assert isinstance(refusal, buyer.model("OrdersPlaceResponse409"))
    assert (str(refusal.code), refusal.status) == ("order_open", 409)
