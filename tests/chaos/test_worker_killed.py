"""SIGKILL for a worker in the middle of its work."""

import signal

from tests.chaos.accounting import settled
from tests.chaos.blocking import held, stopped_child
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import buy, pay, tell
from tests.support.waiting import wait_until

_HOLD_ORDER = "select id from app.orders where id = :id for update"
_LOST = "select count(*) from app.job_attempts where error ~ 'lease ran out|WorkerLost'"


def _await_loss(house: House) -> None:
    # A statement that had its lock before the database missed its client would still be finished, and rightly so.
    wait_until(lambda: house.count(_LOST), "the loss is noticed", PATIENCE)


def test_a_child_killed_in_mid_batch_loses_and_doubles_nothing(house: House) -> None:
    worker = house.worker()
    purchases = buy(house, 36)
    with held(house, _HOLD_ORDER, id=purchases[-1].order_id):
        tell(house, purchases)
        house.relay()
        stopped_child(house, worker).kill()
        _await_loss(house)
    house.drain()
    assert settled(house, purchases).copies == 0


def test_a_worker_killed_with_all_its_children_loses_and_doubles_nothing(house: House) -> None:
    worker = house.worker()
    purchases = buy(house, 36)
    with held(house, _HOLD_ORDER, id=purchases[-1].order_id):
        tell(house, purchases)
        house.relay()
        stopped_child(house, worker)
        worker.kill()
        _await_loss(house)
    house.worker()
    house.drain()
    # The other child may have been sending mails: those come again under the Message-ID they had.
    settled(house, purchases)


def test_a_mail_whose_sender_dies_before_it_is_written_down_comes_again_as_the_same_mail(house: House) -> None:
    # SMTP knows no idempotency key: the copy bears the Message-ID of the first, and the books hold one mail.
    worker = house.worker()
    house.site.mail.signal(signal.SIGSTOP)
    try:
        purchases = pay(house, 1)
        house.relay()
        sending = "select count(*) from app.mail_messages where state = 'sending'"
        wait_until(lambda: house.count(sending), "a mail is being sent", PATIENCE)
        with held(house, "select id from app.mail_messages where state = 'sending' for update"):
            house.site.mail.signal(signal.SIGCONT)
            stopped_child(house, worker).kill()
    finally:
        house.site.mail.signal(signal.SIGCONT)
    house.drain()
    assert settled(house, purchases).copies >= 1
