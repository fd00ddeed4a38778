"""Delivers signed webhooks over keep-alive connections at a low processor cost. Writes its result as JSON.

Closed loop: each connection sends its next request when it has its answer, for a given time.
Open loop: the purchases of a file arrive as a Poisson process, whether or not earlier ones have been answered. The
result has the time each was due to be sent, by the wall clock, so that waiting for a free connection counts.
"""

import argparse
import asyncio
import hmac
import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, cast
from uuid import UUID, uuid4

import uvloop

from core.settings import settings
from tests.support.purchases import Purchase, paid_event

PATH: Final = "/webhooks/stripe"
_PRICE: Final = 49900
# More than any endpoint answers in a second; all requests are built before the first is sent.
_MAX_RATE: Final = 9000
_SEED: Final = 26


class Connection(asyncio.Protocol):
    """One connection with at most one open request; `on_answer` is called with it after the answer."""

    def __init__(self, on_answer: Callable[["Connection"], None]) -> None:
        self._on_answer = on_answer
        self._received = b""
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)

    def send(self, request: bytes) -> None:
        assert self.transport is not None
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"refused: {self._received[:500]!r}")
        self._received = b""
        self._on_answer(self)


def request(purchase: Purchase, stamp: int, key: bytes) -> bytes:
    body = paid_event(purchase)
    signature = hmac.digest(key, f"{stamp}.".encode() + body, "sha256").hex()
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"stripe-signature: t={stamp},v1={signature}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def requests(purchases: Iterable[Purchase]) -> list[bytes]:
    stamp, key = int(time.time()), settings().stripe_webhook_secret.get_secret_value().encode()
    return [request(purchase, stamp, key) for purchase in purchases]


async def connect(port: int, count: int, on_answer: Callable[[Connection], None]) -> list[Connection]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(lambda: Connection(on_answer), "127.0.0.1", port))[1] for _ in range(count)]


async def run_closed_loop(port: int, connections: int, warm_up: float, seconds: float) -> dict[str, float]:
    """Send for the given seconds after the warm-up; returns the answers a second."""
    ready = requests(Purchase(uuid4(), _PRICE) for _ in range(int((warm_up + seconds) * _MAX_RATE)))
    answered = 0

    def send_next(connection: Connection) -> None:
        nonlocal answered
        answered += 1
        connection.send(ready.pop())

    for connection in await connect(port, connections, send_next):
        connection.send(ready.pop())
    await asyncio.sleep(warm_up)
    start, answered_before, used = time.perf_counter(), answered, time.process_time()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    return {
        "rate": (answered - answered_before) / took,
        "client": (time.process_time() - used) / took,
        "answered": answered,
    }


async def run_open_loop(port: int, connections: int, rate: float, purchases: Sequence[Purchase]) -> dict[str, float]:
    """Send each purchase at its arrival time; returns when each was due to be sent."""
    ready = requests(purchases)
    rng = random.Random(_SEED)  # noqa: S311 - arrivals, the same in each round
    idle: list[Connection] = []
    waiting: list[bytes] = []

    def send_next(connection: Connection) -> None:
        if waiting:
            connection.send(waiting.pop(0))
        else:
            idle.append(connection)
        if len(sent) == len(purchases) and len(idle) == connections:
            all_idle.set()

    sent: dict[str, float] = {}
    all_idle = asyncio.Event()
    idle += await connect(port, connections, send_next)
    due = time.time() + 0.1
    for purchase, body in zip(purchases, ready, strict=True):
        due += rng.expovariate(rate)
        await asyncio.sleep(due - time.time())
        sent[str(purchase.order_id)] = due
        if idle:
            idle.pop().send(body)
        else:
            waiting.append(body)
    await all_idle.wait()
    return sent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--warm-up", type=float, default=1.0)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--purchases", type=Path)
    parser.add_argument("--result", type=Path, required=True)
    options = parser.parse_args()
    if options.purchases:
        rows = json.loads(options.purchases.read_text(encoding="utf-8"))
        purchases = [Purchase(UUID(order_id), amount) for order_id, amount in rows]
        result = uvloop.run(run_open_loop(options.port, options.connections, options.rate, purchases))
    else:
        result = uvloop.run(run_closed_loop(options.port, options.connections, options.warm_up, options.seconds))
    options.result.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
