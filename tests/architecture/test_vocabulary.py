"""The names that stand in SQL are those of the Python that owns them: kinds, payloads, audit tags, mail templates."""

import re
from dataclasses import fields

import pytest

from core.audit.tags import Tag
from core.findings.kinds import Kind
from core.mail.render import TEMPLATES
from core.messages import MESSAGES
from scripts.inserts import Insert, inserts, json_object, literal, without_comments
from scripts.message_flow import flows
from tests.architecture.rules import used_names
from tests.architecture.tree import PRODUCTION, name, parsed, python_files, sql_files
from workers.app import MODULES

SQL = {name(path): path.read_text(encoding="utf-8") for path in sql_files()}
# These insert the kinds that their parameters or app.schedules name.
ANY_KIND = {"core/jobs/enqueue.sql", "core/jobs/tick.sql"}


def inserted(table: str) -> list[tuple[str, Insert]]:
    return [(path, one) for path, sql in SQL.items() for one in inserts(sql) if one.table == table]


def literals(shape: str) -> set[tuple[str, str]]:
    return {(path, text) for path, sql in SQL.items() for text in re.findall(rf"'({shape})'", without_comments(sql))}


JOBS = [pytest.param(one, id=f"{path} {one.values['kind']}") for path, one in inserted("jobs") if path not in ANY_KIND]


def test_every_insert_into_the_tables_of_jobs_and_mail_is_read() -> None:
    for table in ("jobs", "mail_messages", "audit_events"):
        written = {path for path, sql in SQL.items() if re.search(rf"insert\s+into\s+app\.{table}\b", sql)}
        assert {path for path, _ in inserted(table)} == written, table


def test_every_kind_in_sql_is_a_message() -> None:
    assert {(path, kind) for path, kind in literals(r"[a-z_]+\.[a-z_]+") if kind not in MESSAGES} == set()


def test_every_job_in_sql_has_a_cause() -> None:
    assert [path for path, one in inserted("jobs") if "cause_id" not in one.values] == []


@pytest.mark.parametrize("job", JOBS)
def test_a_payload_in_sql_has_the_version_and_fields_of_its_message(job: Insert) -> None:
    message = MESSAGES[literal(job.values["kind"]) or ""]
    payload = json_object(job.values["payload"])
    assert payload.pop("v") == str(message.version)
    assert set(payload) == {field.name for field in fields(message)}


def test_every_payload_field_that_sql_reads_is_a_message_field() -> None:
    known = {field.name for message in MESSAGES.values() for field in fields(message)}
    read = {(path, key) for path, sql in SQL.items() for key in re.findall(r"payload ->> '(\w+)'", sql)}
    assert {(path, key) for path, key in read if key not in known} == set()


def test_every_audit_tag_in_sql_is_a_tag() -> None:
    assert {(path, tag) for path, tag in literals(r"\w+:\w+:\w*") if tag not in set(Tag)} == set()


def test_an_audit_entry_in_sql_has_a_literal_tag_or_takes_it_as_a_parameter() -> None:
    assert [
        path for path, one in inserted("audit_events") if not re.fullmatch(r"'[^']+'|:tag", one.values["tag"])
    ] == []


def test_every_audit_tag_is_written_somewhere() -> None:
    in_python = {text for path in python_files(*PRODUCTION) for text in used_names(parsed(path), "")}
    in_sql = {literal(one.values["tag"]) for _, one in inserted("audit_events")}
    assert [tag for tag in Tag if tag not in in_sql and f"core.audit.tags.Tag.{tag.name}" not in in_python] == []


def test_every_mail_template_in_sql_is_one() -> None:
    used = {(path, literal(one.values["template"])) for path, one in inserted("mail_messages")}
    assert {(path, template) for path, template in used if template not in TEMPLATES} == set()


def test_every_kind_is_enqueued_and_handled() -> None:
    found = flows()
    assert set(found) == set(MESSAGES)
    assert [kind for kind, flow in found.items() if not flow.enqueued_by or not flow.handlers] == []


def test_every_task_is_loaded_by_the_worker() -> None:
    assert {flow.task.path for flow in flows().values()} == {
        f"{module.replace('.', '/')}.py" for module in MODULES if module.startswith("tasks.")
    }


def test_every_finding_that_sql_opens_has_a_kind_and_every_kind_is_opened() -> None:
    opening = [found[1] for sql in SQL.values() for found in re.finditer(r"\bto_open as \((.*?)\n\)", sql, re.DOTALL)]
    words = {text for part in opening for text in re.findall(r"'([a-z]+(?:_[a-z]+)+)'", part)}
    kinds = {kind.value for kind in Kind}
    assert {word for word in words if word not in kinds} == set()
    python = " ".join(path.read_text(encoding="utf-8") for path in python_files("core") if path.name != "kinds.py")
    opened = words | {kind.value for kind in Kind if f"Kind.{kind.name}" in python}
    assert opened == kinds
