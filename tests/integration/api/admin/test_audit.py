"""Operators search, export and verify the audit log."""

import json
from uuid import UUID, uuid4

from core.audit.record import record
from core.audit.seal import seal
from core.audit.tags import Tag
from tests.support.api_harness import ApiHarness, User
from tests.support.jobs import do
from tests.support.problems import assert_invalid


def write(api: ApiHarness, count: int, tag: Tag = Tag.COURSE_CREATED, actor: UUID | None = None) -> UUID:
    subject = uuid4()
    with api.sessions.begin() as session:
        for number in range(count):
            record(session, tag, subject, actor_id=actor, data={"number": number})
    return subject


def found(admin: User, **params: object) -> list[str]:
    answer = admin.http.get("/admin/audit", params={name: str(value) for name, value in params.items()})
    assert answer.status_code == 200, answer.text
    return [one["tag"] for one in answer.json()["items"]]


def test_entries_are_found_by_subject_tag_actor_and_time(api: ApiHarness, admin: User) -> None:
    subject, actor = write(api, 2), uuid4()
    write(api, 1, Tag.POST_CREATED, actor)
    assert found(admin, subject_id=subject) == [Tag.COURSE_CREATED] * 2
    assert found(admin, tag="feed:post:created") == found(admin, actor_id=actor) == [Tag.POST_CREATED]
    assert found(admin, until="2026-01-01T00:00:00Z") == []
    assert_invalid(admin.http.get("/admin/audit", params={"tag": "a:b:c"}), "tag", "orders:order:placed")


def test_an_export_goes_on_after_its_last_entry(api: ApiHarness, admin: User) -> None:
    subject = write(api, 2500)
    params = {"subject_id": str(subject), "limit": "2100"}
    answer = admin.http.get("/admin/audit/export", params=params)
    assert answer.headers["content-type"] == "application/jsonl"
    first = [json.loads(line) for line in answer.text.splitlines()]
    rest = admin.http.get("/admin/audit/export", params={**params, "after": first[-1]["id"]}).text.splitlines()
    exported = [*first, *map(json.loads, rest)]
    assert [one["id"] for one in exported] == sorted({one["id"] for one in exported})
    assert (len(first), len(exported)) == (2100, 2500)


def test_an_export_has_a_bound(admin: User) -> None:
    assert_invalid(admin.http.get("/admin/audit/export", params={"limit": "100001"}), "limit", "100000")


def test_an_export_of_nothing_is_empty(admin: User) -> None:
    answer = admin.http.get("/admin/audit/export", params={"subject_id": str(uuid4())})
    assert (answer.status_code, answer.text) == (200, "")


def test_the_chain_is_verified(api: ApiHarness, admin: User) -> None:
    write(api, 3)
    with api.sessions.begin() as session:
        seal(session)
    assert admin.http.get("/admin/audit/verification").json() == {"entries": 3, "anchors": 0, "fault": None}
    do(api.sessions, """update app.audit_events set data = '{"number": 7}' where seq = 2""")
    broken = admin.http.get("/admin/audit/verification").json()
    assert (broken["entries"], broken["fault"].startswith("entry 2 ")) == (1, True)
