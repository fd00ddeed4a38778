"""The operator's part: replay an event, and see that nothing happens twice."""

from typing import Final

from scripts.smoke.buying import ORDERS
from scripts.smoke.scene import Part, Scene
from scripts.smoke.surprise import expect

_ENDED: Final = ("succeeded", "dead", "cancelled")


def _replay(scene: Scene) -> str:
    """Every event of the course's order is decided again."""
    ids = {row["id"] for row in _events(scene)}
    expect(ids, "the order has events", "none")
    for event_id in sorted(ids):
        scene.operator.act("webhooks", "replay", event_id)

    def all_decided() -> bool | None:
        return {row["id"] for row in _events(scene) if row["state"] in {"processed", "ignored"}} == ids or None

    scene.student.wait_for(all_decided, "each replayed event is decided again")
    return f"{len(ids)} events decided again"


def _jobs(scene: Scene) -> str:
    """What the replayed events enqueued is finished: only then the checks below can find a second effect."""

    def finished() -> int | None:
        story = scene.operator.record("orders", "show", scene.course_order)["entries"]
        jobs = [entry for entry in story if entry["source"] == "job"]
        ended = {job["subject_id"] for job in jobs if job["what"] in _ENDED}
        return len(ended) if ended == {job["subject_id"] for job in jobs} else None

    return f"{scene.student.wait_for(finished, 'each job of the order ends')} jobs ended"


def _fulfilled_once(scene: Scene) -> str:
    story = scene.operator.rows("audit", "search", "--subject-id", scene.course_order, "--limit", "1000")
    tags = [row["tag"] for row in story]
    twice = sorted({tag for tag in tags if tag.startswith("orders:") and tags.count(tag) > 1})
    expect("orders:order:fulfilled" in tags and not twice, "each step of the order is audited once", twice or tags)
    order = scene.student.get(f"/orders/{scene.course_order}")
    expect(order["state"] == "fulfilled", "the order stays fulfilled", order["state"])
    return "one fulfilment in the audit log"


def _one_course(scene: Scene) -> str:
    owned = scene.student.get("/me/courses")["items"]
    expect(len(owned) == 1, "the student has one course", len(owned))
    return "one course"


def _no_more_email(scene: Scene) -> str:
    subjects = scene.student.subjects()
    expect(scene.student.receipts() == ORDERS, f"still {ORDERS} receipts", subjects)
    return f"{len(subjects)} emails, {ORDERS} of them receipts"


def _nothing_found(scene: Scene) -> str:
    for order_id in (scene.course_order, scene.service_order, scene.seminar_order):
        findings = scene.operator.rows("findings", "list", "--state", "open", "--order-id", order_id)
        expect(not findings, "no finding is open", [finding["kind"] for finding in findings])
    return "no finding is open"


def _audit_log(scene: Scene) -> str:
    verified = scene.operator.record("audit", "verify")
    expect(verified["fault"] is None, "the audit log is whole", verified["fault"])
    return f"{verified['entries']} sealed entries"


def _events(scene: Scene) -> list[dict[str, str]]:
    return scene.operator.rows("webhooks", "list", "--order-id", scene.course_order)


OPERATING: Part = {
    "replay events": _replay,
    "jobs end": _jobs,
    "fulfilled once": _fulfilled_once,
    "enrolled once": _one_course,
    "mailed once": _no_more_email,
    "findings": _nothing_found,
    "audit log": _audit_log,
}
