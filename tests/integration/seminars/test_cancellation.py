"""How far a cancellation is: emails and refunds, each counted once, also when its job runs again."""

from uuid import UUID

from core.jobs.enqueue import enqueue
from core.messages import CancelSeminar
from tests.support.jobs import do
from tests.support.problems import assert_problem
from tests.support.refund_harness import RefundHarness


def test_the_teacher_reads_how_far_it_is(shop: RefundHarness) -> None:
    teacher = shop.api.user("teacher")
    item = shop.api.seminar(teacher_id=teacher.id)
    path = f"/seminars/{item['seminar_id']}"
    assert_problem(teacher.http.get(f"{path}/cancellation"), 404, "not_found")
    for _ in range(3):
        shop.buy(item)
    guest = shop.api.user()
    assert teacher.http.post(f"{path}/guests", json={"email": guest.email}).status_code == 201
    assert guest.http.post(f"{path}/seat").status_code == 200
    assert teacher.http.post(f"{path}/cancel", json={"reason": "Ill"}).status_code == 202
    begun = teacher.http.get(f"{path}/cancellation").json()
    assert (begun["emails"], begun["paid_seats"], begun["refunded"]) == (0, 3, 0)
    shop.run()
    with shop.sessions.begin() as session:
        enqueue(session, CancelSeminar(seminar_id=UUID(str(item["seminar_id"])), reason="Ill"))
    shop.run()
    do(
        shop.sessions,
        "update app.mail_messages set state = 'sent', sent_at = now() where template = 'seminar_cancelled'",
    )
    done = teacher.http.get(f"{path}/cancellation").json()
    assert {name: done[name] for name in ("emails", "emails_sent", "paid_seats", "refunded")} == {
        "emails": 4,
        "emails_sent": 4,
        "paid_seats": 3,
        "refunded": 3,
    }
    assert shop.api.user("admin").http.get(f"{path}/cancellation").status_code == 200
    assert shop.api.user("teacher").http.get(f"{path}/cancellation").status_code == 404
