"""`/metrics`: who may read it, and what this process counts."""

import shutil
import subprocess
from collections.abc import Generator, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from api.metrics import COUNTED, PROCESS_GAUGES
from core.metrics.read import GAUGES
from core.settings import Settings
from db.models import Job
from tests.support.api_harness import ApiHarness, open_api
from tests.support.problems import assert_problem

TOKEN = "m" * 40
UNREACHABLE = "postgresql://app@127.0.0.1:1/aula"
Numbers = Mapping[tuple[str, ...], float]


@pytest.fixture(scope="module")
def api(database_url: str) -> Generator[ApiHarness]:
    settings = Settings(env="test", database_url=database_url, metrics_token=SecretStr(TOKEN))
    with open_api(settings) as opened:
        yield opened


def scrape(api: ApiHarness) -> httpx.Response:
    return api.visitor({"Authorization": f"Bearer {TOKEN}"}).get("/metrics")


def numbers(api: ApiHarness) -> Numbers:
    """Each number by its name and the values of its labels, in the order of their names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(scrape(api).text)
        for sample in family.samples
    }


def test_without_a_token_there_are_no_metrics(database_url: str) -> None:
    with open_api(Settings(env="test", database_url=database_url)) as without:
        answer = without.visitor({"Authorization": f"Bearer {TOKEN}"}).get("/metrics")
        assert_problem(answer, 404, "not_found")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer å"])
def test_a_wrong_token_is_refused(api: ApiHarness, header: str) -> None:
    answer = api.visitor().get("/metrics", headers=[(b"Authorization", header.encode())])
    assert_problem(answer, 401, "unauthorized")


def test_the_document_for_clients_leaves_metrics_out(api: ApiHarness) -> None:
    assert "/metrics" not in api.app.openapi()["paths"]


def test_an_administrator_needs_the_metrics_token_too(api: ApiHarness) -> None:
    assert_problem(api.user("admin").http.get("/metrics"), 401, "unauthorized")


def test_prometheus_can_read_every_family(api: ApiHarness) -> None:
    answer = scrape(api)
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert {name.removesuffix("_total") for name in {*GAUGES, *PROCESS_GAUGES, *COUNTED}} == families


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is a part of Prometheus")
def test_promtool_has_no_complaint_about_the_names(api: ApiHarness) -> None:
    api.visitor().get("/healthz")
    api.add(Job(kind="mail.send", state="succeeded", finished_at=api.clock()))
    done = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607 - the promtool that is installed
        input=scrape(api).text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_request_is_counted_by_its_route_and_not_by_its_path(api: ApiHarness) -> None:
    path = "/courses/00000000-0000-4000-8000-000000000000"
    before = numbers(api)
    api.visitor().get(path)
    after = numbers(api)
    counted = ("aula_http_requests_total", "GET", "/courses/{course_id}", "4xx")
    assert after[counted] - before.get(counted, 0) == 1
    assert [name for name in after if path in name] == []


@pytest.mark.parametrize(("method", "label"), [("GET", "GET"), ("PROPFIND", "other")])
def test_an_unknown_path_or_method_makes_no_label_of_its_own(api: ApiHarness, method: str, label: str) -> None:
    before = numbers(api)
    api.visitor().request(method, "/wp-login.php")
    counted = ("aula_http_requests_total", label, "none", "4xx")
    assert numbers(api)[counted] - before.get(counted, 0) == 1


def test_the_seconds_of_requests_are_a_histogram(api: ApiHarness) -> None:
    api.visitor().get("/healthz")
    found = numbers(api)
    assert found["aula_http_request_seconds_count", "GET", "/healthz"] >= 1
    assert found["aula_http_request_seconds_bucket", "+Inf", "GET", "/healthz"] >= 1


def test_a_refused_delivery_is_counted_by_its_code(api: ApiHarness) -> None:
    before = numbers(api)
    api.visitor().post("/webhooks/stripe", content=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})
    api.visitor().get("/webhooks/stripe")
    after = numbers(api)
    for code in ("signature_invalid", "method_not_allowed"):
        counted = ("aula_webhook_deliveries_total", code)
        assert after[counted] - before.get(counted, 0) == 1


def test_the_pools_of_the_process_are_shown(api: ApiHarness) -> None:
    found = numbers(api)
    assert found["aula_pool_connections_max", "requests"] == 10
    assert found["aula_pool_connections_max", "intake"] == 4
    assert found["aula_pool_connections", "requests"] == 0


def test_without_the_database_the_numbers_of_the_process_are_still_there() -> None:
    settings = Settings(env="test", database_url=UNREACHABLE, metrics_token=SecretStr(TOKEN))
    with open_api(settings) as unreachable:
        found = numbers(unreachable)
    assert found["aula_database_up",] == 0
    assert found["aula_pool_connections_max", "requests"] == 10
    assert [name for name in found if name[0] == "aula_jobs"] == []
