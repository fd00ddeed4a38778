"""Delivers queued events to the webhook address, in parallel, with retries."""

import asyncio
import logging

import httpx

from emulators.stripe.emulator import Emulator
from emulators.stripe.json_types import Json
from emulators.stripe.signing import webhook_request

_log = logging.getLogger(__name__)
_DUE = "select * from deliveries where state = 'pending' and due <= ? order by due, id limit ?"
_NEXT = "select min(due) as due from deliveries where state = 'pending' and due > ?"


class Deliverer:
    """The queue is the `deliveries` table, so a restarted process continues where the last one stopped."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._config = emulator.config
        self._store = emulator.store
        self._in_flight: set[int] = set()

    async def run(self) -> None:
        """Deliver until the task is cancelled."""
        async with (
            httpx.AsyncClient(timeout=self._config.delivery_timeout_s, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):
            while True:
                self._emulator.wakeup.clear()
                for row in self._due():
                    self._in_flight.add(row["id"])
                    group.create_task(self._deliver(client, row))
                await self._wait_until_due()

    def _due(self) -> list[Json]:
        free = self._config.delivery_workers - len(self._in_flight)
        if free <= 0 or self._store.switch("paused", default=False):
            return []
        rows = self._store.rows(_DUE, self._emulator.now(), free + len(self._in_flight))
        return [row for row in rows if row["id"] not in self._in_flight][:free]

    async def _wait_until_due(self) -> None:
        now = self._emulator.now()
        due = self._store.rows(_NEXT, now)[0]["due"]
        try:
            await asyncio.wait_for(self._emulator.wakeup.wait(), None if due is None else max(due - now, 0.001))
        except TimeoutError:
            return

    async def _deliver(self, client: httpx.AsyncClient, row: Json) -> None:
        event = self._store.find("event", row["event_id"])
        if event is None:
            raise LookupError(f"delivery {row['id']} has no event")
        body, headers = webhook_request(event, self._config.webhook_secret, int(self._emulator.now()))
        try:
            response = await client.post(self._config.webhook_url, content=body, headers=headers)
        except httpx.HTTPError as error:
            self._record(row, event, None, type(error).__name__)
        else:
            self._record(row, event, response.status_code, None if response.is_success else response.text[:200])
        self._in_flight.discard(row["id"])
        self._emulator.wakeup.set()

    def _record(self, row: Json, event: Json, status: int | None, error: str | None) -> None:
        attempts = int(row["attempts"]) + 1
        now = self._emulator.now()
        state = "delivered" if error is None else "pending"
        if error is not None and now - row["created"] > self._config.give_up_after_s:
            state = "failed"
        delay = min(self._config.retry_base_s * 2 ** min(attempts - 1, 30), self._config.retry_cap_s)
        with self._store.transaction():
            self._store.run(
                "update deliveries set state = ?, attempts = ?, due = ?, last_status = ?, last_error = ?,"
                " finished = ? where id = ?",
                state,
                attempts,
                now + delay,
                status,
                error,
                None if state == "pending" else now,
                row["id"],
            )
            if state == "delivered" and event["pending_webhooks"]:
                self._store.save({**event, "pending_webhooks": 0})
        _log.info("%s %s attempt %s: %s %s", event["type"], event["id"], attempts, status or "-", error or "ok")
