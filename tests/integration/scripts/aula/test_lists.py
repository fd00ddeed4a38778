"""Lists and records of every noun."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from api.schemas.admin.audit import AuditEntryOut
from api.schemas.admin.events import EventOut
from api.schemas.admin.findings import FindingOut
from api.schemas.admin.jobs import AdminJobOut, KindOut, QueueOut, ScheduleOut
from api.schemas.admin.orders import AdminOrderOut
from api.schemas.admin.replays import ReplayOut
from api.schemas.admin.users import UserOut
from api.schemas.base import Schema
from tests.support.command_line import WIDTH, CommandLine
from tests.support.jobs import jobs, value
from tests.support.replays import start_replay, store_failed
from tests.support.webhook_harness import WebhookHarness, make_event

SCHEMAS: dict[str, type[Schema]] = {
    "findings list": FindingOut,
    "jobs list": AdminJobOut,
    "webhooks list": EventOut,
    "replays list": ReplayOut,
    "queues list": QueueOut,
    "kinds list": KindOut,
    "schedules list": ScheduleOut,
    "orders list": AdminOrderOut,
    "audit search": AuditEntryOut,
    "users list": UserOut,
}


def make_rows(webhooks: WebhookHarness) -> UUID:
    """A row of every noun; returns the id of a fulfilled order."""
    store_failed(webhooks.sessions, 1)
    start_replay(webhooks.sessions, 1, 1)
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase), make_event(purchase, payment_intent="pi_second"))
    webhooks.run_jobs()
    return purchase.order_id


@pytest.mark.parametrize("command", SCHEMAS)
def test_a_list_prints_the_shape_of_the_api_and_fits_the_terminal(
    command: str, aula: CommandLine, webhooks: WebhookHarness
) -> None:
    make_rows(webhooks)
    table = aula.done(*command.split()).out.splitlines()
    assert len(table) > 1
    assert max(len(line.rstrip()) for line in table) <= WIDTH
    for line in aula.done(*command.split(), "--json").lines:
        assert SCHEMAS[command].model_validate(line).model_dump(mode="json") == line


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        ("findings", "select id from app.findings"),
        ("jobs", "select id from app.jobs"),
        ("webhooks", "select id from app.webhook_events"),
        ("replays", "select id from app.replays"),
        ("orders", "select id from app.orders"),
        ("users", "select id from app.profiles"),
    ],
)
def test_a_record_is_shown_by_its_id(
    command: str, ids: str, aula: CommandLine, webhooks: WebhookHarness, sessions: sessionmaker[Session]
) -> None:
    make_rows(webhooks)
    found = value(sessions, f"{ids} order by id limit 1")
    shown = aula.done(command, "show", found).out.splitlines()
    assert str(found) in shown[0]
    assert max(len(line.rstrip()) for line in shown) <= WIDTH
    assert aula.done(command, "show", found, "--json").document
    missing = aula(command, "show", uuid4())
    assert (missing.code, missing.out) == (1, "")
    assert missing.err.startswith("error: There is no ")


def test_the_story_of_an_order_is_in_the_order_of_time(aula: CommandLine, webhooks: WebhookHarness) -> None:
    order_id = make_rows(webhooks)
    story = aula.done("orders", "show", order_id).out.partition("source")[2]
    assert story.index("placed") < story.index("paid") < story.index("granted")
    entries = aula.done("orders", "show", order_id, "--json").document["entries"]
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)


def test_filters_narrow_a_list(aula: CommandLine, webhooks: WebhookHarness) -> None:
    make_rows(webhooks)
    dead = aula.done("jobs", "list", "--state", "dead", "--kind", "webhooks.process", "--since", "1h", "--json").lines
    assert {(job["state"], job["kind"]) for job in dead} == {("dead", "webhooks.process")}
    older = aula("jobs", "list", "--until", "1h")
    assert (older.code, older.out, older.err) == (1, "", "nothing found\n")


def test_a_list_goes_on_after_the_last_id_of_a_page(
    aula: CommandLine, webhooks: WebhookHarness, sessions: sessionmaker[Session]
) -> None:
    make_rows(webhooks)
    first = aula.done("jobs", "list", "--limit", 2, "--json")
    last = first.lines[-1]["id"]
    assert first.err == f"There are more: --after {last}\n"
    rest = aula.done("jobs", "list", "--after", last, "--json")
    assert rest.err == ""
    listed = [job["id"] for job in (*first.lines, *rest.lines)]
    assert listed == [str(job.id) for job in reversed(jobs(sessions))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["jobs", "list", "--state", "done"], "--state: Input should be 'pending', 'dispatched'"),
        (["jobs", "list", "--kind", "nothing"], "kind: There is no kind 'nothing'; there are "),
        (["jobs", "list", "--since", "yesterday"], "--since: must be ISO 8601 with a time zone"),
        (["jobs", "list", "--since", "999999d"], "--since: "),
        (["jobs", "list", "--limit", "0"], "Invalid value for '--limit'"),
        (["orders", "list", "--email", "a"], "--email: must have at least 3 characters"),
        (["orders", "show", "1"], "Invalid value for 'order_id'"),
        (["jobs", "list", "--what"], "No such option: --what (Possible"),
        (["jobs", "look"], "No such command 'look'; see aula jobs --help"),
        (["users", "set-role", "anna@aula.example", "king", "--reason", "x"], "Invalid value for 'role'"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(arguments: list[str], said: str, aula: CommandLine) -> None:
    refused = aula(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("error: ")
    assert said in refused.err
    assert refused.err.count("\n") == 1


def test_text_from_outside_cannot_steer_the_terminal(
    aula: CommandLine, webhooks: WebhookHarness, sessions: sessionmaker[Session]
) -> None:
    make_rows(webhooks)
    with sessions.begin() as session:
        session.connection().exec_driver_sql("update app.jobs set last_error = 'a \x1b[31m[bold]error[/bold]'")
    shown = aula.done("jobs", "show", jobs(sessions)[0].id).out
    assert "\x1b" not in shown
    assert "[bold]error[/bold]" in shown
