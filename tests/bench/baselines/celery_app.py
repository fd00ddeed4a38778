"""Plain Celery: a task is one message and one transaction and sends the next. Run as a module it fills the queue."""

import sys

from celery import Celery

from core.settings import settings
from tests.bench import effects

app = Celery("plain", broker=settings().redis_url)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="webhooks.process")
def process(event_id: str) -> None:
    for (order_id,) in effects.process(event_id):
        fulfil.delay(order_id)


@app.task(name="orders.fulfil")
def fulfil(order_id: str) -> None:
    for order_item_id, profile_id, course_id in effects.fulfil(order_id):
        grant.delay(order_item_id, profile_id, course_id)


@app.task(name="enrollments.grant")
def grant(order_item_id: str, profile_id: str, course_id: str) -> None:
    effects.grant(order_item_id, profile_id, course_id)


@app.task(name="orders.fulfil_whole")
def fulfil_whole(order_id: str) -> None:
    """Follow-up tasks go to a queue that no worker drains."""
    for following in effects.fulfil(order_id):
        app.send_task("enrollments.grant", args=following, queue="later")
    app.send_task("mail.send", args=[order_id], queue="later")


@app.task(name="orders.fulfil_effect")
def fulfil_effect(order_id: str) -> None:
    effects.fulfil(order_id)


FIRST = {
    "purchases": (process, effects.event_ids),
    "whole": (fulfil_whole, effects.order_ids),
    "effect": (fulfil_effect, effects.order_ids),
}


def fill(what: str) -> None:
    task, ids = FIRST[what]
    for one in ids():
        task.delay(one)


if __name__ == "__main__":
    fill(sys.argv[1])
