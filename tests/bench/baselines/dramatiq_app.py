"""Dramatiq with its default middleware. Run as a module it fills the queue."""

import sys

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from core.settings import settings
from tests.bench import effects

broker = RedisBroker(url=settings().redis_url)
dramatiq.set_broker(broker)


@dramatiq.actor(actor_name="enrollments.grant", queue_name="later")
def grant(order_item_id: str, profile_id: str, course_id: str) -> None:
    """Queued and never run."""


@dramatiq.actor(actor_name="mail.send", queue_name="later")
def send(order_id: str) -> None:
    """Queued and never run."""


@dramatiq.actor(actor_name="orders.fulfil_whole", queue_name="orders")
def fulfil_whole(order_id: str) -> None:
    for following in effects.fulfil(order_id):
        grant.send(*following)
    send.send(order_id)


@dramatiq.actor(actor_name="orders.fulfil_effect", queue_name="orders")
def fulfil_effect(order_id: str) -> None:
    effects.fulfil(order_id)


if __name__ == "__main__":
    actor = fulfil_whole if sys.argv[1] == "whole" else fulfil_effect
    for one in effects.order_ids():
        actor.send(one)
