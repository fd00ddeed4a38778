"""Delivers signed webhooks over keep-alive connections, cheaply enough not to be what is measured. Writes JSON.

`closed`: each connection sends its next request when it has its answer, for so many seconds.
`open`: purchases of a file arrive by chance (a Poisson process), whether or not the earlier ones have been answered;
tells when each was due to be sent, by the wall clock, so that waiting for a free connection counts.
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
# More than any door takes in a second; requests are made before the first is sent.
_MOST_A_SECOND: Final = 9000
_SEED: Final = 26


class Lane(asyncio.Protocol):
    """One connection with at most one request under way; `free` is called when it is answered."""

    def __init__(self, free: Callable[["Lane"], None]) -> None:
        self._free = free
        self._heard = b""
        self.wire: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = cast("asyncio.WriteTransport", transport)

    def send(self, request: bytes) -> None:
        assert self.wire is not None
        self.wire.write(request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"refused: {self._heard[:500]!r}")
        self._heard = b""
        self._free(self)


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


async def connect(port: int, count: int, free: Callable[[Lane], None]) -> list[Lane]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(lambda: Lane(free), "127.0.0.1", port))[1] for _ in range(count)]


async def closed(port: int, connections: int, warm_up: float, seconds: float) -> dict[str, float]:
    """Answers a second, after the warm-up."""
    ready = requests(Purchase(uuid4(), _PRICE) for _ in range(int((warm_up + seconds) * _MOST_A_SECOND)))
    answered = 0

    def free(lane: Lane) -> None:
        nonlocal answered
        answered += 1
        lane.send(ready.pop())

    for lane in await connect(port, connections, free):
        lane.send(ready.pop())
    await asyncio.sleep(warm_up)
    start, before, used = time.perf_counter(), answered, time.process_time()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    return {"rate": (answered - before) / took, "client": (time.process_time() - used) / took, "answered": answered}


async def arrive(port: int, connections: int, rate: float, purchases: Sequence[Purchase]) -> dict[str, float]:
    """When each purchase was due to be sent."""
    ready = requests(purchases)
    chance = random.Random(_SEED)  # noqa: S311 - arrivals, the same in each round
    idle: list[Lane] = []
    waiting: list[bytes] = []

    def free(lane: Lane) -> None:
        if waiting:
            lane.send(waiting.pop(0))
        else:
            idle.append(lane)
        if len(sent) == len(purchases) and len(idle) == connections:
            all_idle.set()

    sent: dict[str, float] = {}
    all_idle = asyncio.Event()
    idle += await connect(port, connections, free)
    due = time.time() + 0.1
    for purchase, one in zip(purchases, ready, strict=True):
        due += chance.expovariate(rate)
        await asyncio.sleep(due - time.time())
        sent[str(purchase.order_id)] = due
        if idle:
            idle.pop().send(one)
        else:
            waiting.append(one)
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
    given = parser.parse_args()
    if given.purchases:
        rows = json.loads(given.purchases.read_text(encoding="utf-8"))
        purchases = [Purchase(UUID(order_id), amount) for order_id, amount in rows]
        result = uvloop.run(arrive(given.port, given.connections, given.rate, purchases))
    else:
        result = uvloop.run(closed(given.port, given.connections, given.warm_up, given.seconds))
    given.result.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
