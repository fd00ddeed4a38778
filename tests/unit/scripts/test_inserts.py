"""The reader of inserts finds each column's expression."""

import pytest

from scripts.inserts import Insert, inserts, json_object, literal

STATEMENT = """
-- insert into app.jobs (kind) select 'a.comment'
with next_jobs as (
    insert into app.jobs (kind, payload)
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id) from mail where extract(epoch from sent_at) > 0
    union all
    select 'orders.review', '{}' from unclear
),
audited as (insert into app.audit_events (tag, subject_id) values ('a:b:c', :id), (:tag, :id) returning id)
select 1
"""


def test_each_select_and_each_row_is_an_insert() -> None:
    payload = "jsonb_build_object('v', 1, 'mail_id', id)"
    assert list(inserts(STATEMENT)) == [
        Insert("jobs", {"kind": "'mail.send'", "payload": payload}),
        Insert("jobs", {"kind": "'orders.review'", "payload": "'{}'"}),
        Insert("audit_events", {"tag": "'a:b:c'", "subject_id": ":id"}),
        Insert("audit_events", {"tag": ":tag", "subject_id": ":id"}),
    ]


def test_a_literal_is_distinguished_from_an_expression() -> None:
    assert literal("'mail.send'") == "mail.send"
    assert literal("'receipt:' || id") is None


def test_a_json_object_is_read_by_key() -> None:
    assert json_object("jsonb_build_object('v', 1, 'at', coalesce(a, b))") == {"v": "1", "at": "coalesce(a, b)"}
    with pytest.raises(ValueError, match="no jsonb_build_object"):
        json_object("'{}'")
