"""A poison event harms nobody but itself."""

import pytest
from celery.exceptions import Retry

from tasks import webhooks
from tests.integration.webhooks.events import Desk, told
from tests.support.jobs import claim_all, do, states, value

POISON = 'update app.webhook_events set data = data || \'{"amount": "much"}\' where event_id = :id'


@pytest.mark.usefixtures("in_process")
def test_good_ones_are_processed_and_the_poison_dies_alone(desk: Desk) -> None:
    purchases = [desk.order() for _ in range(5)]
    events = [told(purchase) for purchase in purchases]
    desk.store(*events)
    do(desk.sessions, POISON, id=events[2].event_id)
    do(desk.sessions, "update app.jobs set max_attempts = 1")
    with pytest.raises(Retry, match="5 jobs run one by one"):
        webhooks.process.run(desk.claim().to_wire())
    assert {desk.state(purchase) for purchase in purchases} == {"pending"}
    failures: list[str] = []
    for batch in claim_all(desk.sessions):
        try:
            webhooks.process.run(batch.to_wire())
        except Exception as error:  # noqa: BLE001 - whatever the database says
            failures.append(str(error))
    assert ["much" in failure for failure in failures] == [True]
    assert [desk.state(purchase) for purchase in purchases] == ["paid", "paid", "pending", "paid", "paid"]
    assert desk.outcome(events[2]) == "dead: given up"
    assert sorted(states(desk.sessions, "webhooks.process")) == ["dead"] + ["succeeded"] * 4
    assert value(desk.sessions, "select count(*) from app.webhook_attempts where error like '%much%'") == 1
