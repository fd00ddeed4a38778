"""Where a cause of a message makes its state of the database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session, sessionmaker

from core.messages import Message
from core.webhooks.new_event import NewEvent
from tests.support.fake_books import FakeBooks
from tests.support.fake_gateway import FakeGateway
from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness, make_event


@dataclass(frozen=True, slots=True)
class Scene:
    """The database, and what the provider answers."""

    webhooks: WebhookHarness
    gateway: FakeGateway = field(default_factory=FakeGateway)
    books: FakeBooks = field(default_factory=FakeBooks)

    @property
    def sessions(self) -> sessionmaker[Session]:
        return self.webhooks.sessions

    def paid(self) -> Purchase:
        """A paid order for a course and a service; its job to fulfil it is gone."""
        purchase = self.webhooks.place_order("mixed")
        self.webhooks.deliver(make_event(purchase))
        self.forget_jobs()
        return purchase

    def fulfilled(self) -> Purchase:
        purchase = self.webhooks.place_order("mixed")
        self.webhooks.deliver(make_event(purchase))
        self.webhooks.run_jobs()
        self.forget_jobs()
        return purchase

    def forget_jobs(self) -> None:
        do(self.sessions, "delete from app.jobs")

    def id_of(self, statement: str, **params: object) -> UUID:
        return UUID(str(value(self.sessions, statement, **params)))

    def number_of(self, statement: str, **params: object) -> int:
        return int(str(value(self.sessions, statement, **params)))

    def buyer_of(self, purchase: Purchase) -> UUID:
        return self.id_of("select profile_id from app.orders where id = :id", id=purchase.order_id)

    def object_of(self, event: NewEvent) -> dict[str, Any]:
        """What the provider answers about the object of an event."""
        return orjson.loads(event.body)["data"]["object"]


Cause = Callable[[Scene], Message]
