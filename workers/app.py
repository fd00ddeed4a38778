"""The Celery app: Redis carries hints, so there is no result backend, no ETA, no retry and no schedule in it."""

from typing import Any, Final

from celery import Celery
from kombu import Queue

from core.messages import MESSAGES
from core.settings import settings
from workers.events import GatheredEvents

# A broker that says nothing for so long is lost, seconds. Longer than a worker's BRPOP, which the broker answers after
# a second at the latest.
BROKER_SILENT: Final = 5.0
BROKER_CONNECT: Final = 3.0
# A worker that waits for a message notices a silent broker after up to twice this, and a second.
_BROKER_CHECK: Final = 5

# What a worker loads: tasks and signal handlers.
MODULES = [
    "tasks.audit",
    "tasks.enrollments",
    "tasks.findings",
    "tasks.mail",
    "tasks.orders",
    "tasks.maintenance",
    "tasks.payments",
    "tasks.privacy",
    "tasks.refunds",
    "tasks.replays",
    "tasks.seminars",
    "tasks.webhooks",
    "workers.signals",
]


def make_app() -> Celery:
    """A Celery app for the broker of the settings."""
    celery = Celery("aula", broker=settings().redis_url, include=MODULES)
    config: dict[str, Any] = {
        "task_queues": [
            Queue(name, routing_key=name) for name in sorted({message.queue for message in MESSAGES.values()})
        ],
        "task_routes": {message.kind: {"queue": message.queue} for message in MESSAGES.values()},
        "task_create_missing_queues": False,
        "task_ignore_result": True,
        # A message is acknowledged when it is received: jobs of a worker that dies are rescued from the database.
        "task_acks_late": False,
        "worker_consumer": "workers.consumer:JobConsumer",
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A broker that was failed over answers READONLY or MASTERDOWN for a while: an error of the channel, not of the
        # connection. Without this it ends the worker.
        "broker_channel_error_retry": True,
        "broker_transport_options": {
            "socket_timeout": BROKER_SILENT,
            "socket_connect_timeout": BROKER_CONNECT,
            "socket_keepalive": True,
            "health_check_interval": _BROKER_CHECK,
            # Without the emulation no message is kept in Redis while it runs. With it, a worker that loses the broker
            # between receiving and acknowledging ends when it restores the message.
            "ack_emulation": False,
            # Priorities are decided at each claim. A worker that asks Redis for four priorities of each queue spends a
            # seventh of its main process's time on it.
            "priority_steps": [0],
        },
        "beat_scheduler": "workers.beat:JobScheduler",
        "enable_utc": True,
    }
    celery.conf.update(config)
    celery.steps["consumer"].add(GatheredEvents)
    return celery


app = make_app()
