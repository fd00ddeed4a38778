"""Clients that keep an API busy: `python -m tests.bench.attackers half-open …`, until SIGTERM.

Each attacker starts again when the server ends its connection. What was answered is written to the result as JSON.
"""

import argparse
import asyncio
import json
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvloop

_SLOW: Final = b"POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 16000\r\n\r\n{"
_LARGE: Final = 100 * 2**20
_POST_LARGE: Final = (
    b"POST /courses HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)
# Seconds between two connections of one attacker.
_PAUSE: Final = 1.0


@dataclass(slots=True)
class Target:
    """The server, the access tokens and orders of its users, and what it has answered: a status or `closed`."""

    port: int
    streams: Sequence[tuple[str, str]]
    answered: Counter[str] = field(default_factory=Counter[str])

    async def attack(self, *sent: bytes, every: float = 0) -> None:
        """Send the parts of one request, with a pause of `every` seconds after each, and wait for the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = asyncio.create_task(self._read(reader))
        with suppress(ConnectionError):
            for part in sent:
                if answer.done():
                    break
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(every)
        await answer
        writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Count the status, and read until the end of the connection."""
        status = b""
        with suppress(ConnectionError):
            status = (await reader.read(12))[9:]
        self.answered[status.decode() or "closed"] += 1
        with suppress(ConnectionError):
            while await reader.read(2**16):
                pass


async def half_open(target: Target, _number: int) -> None:
    """Begin a request and send no more of it."""
    await target.attack(b"GET /courses HTTP/1.1\r\nHo")


async def endless_head(target: Target, _number: int) -> None:
    """Send headers without end."""
    await target.attack(b"GET /courses HTTP/1.1\r\nHost: a\r\n", *[b"X: %s\r\n" % (b"x" * 1000)] * 10_000, every=0.02)


async def slow_body(target: Target, _number: int) -> None:
    """Send one byte of a body a second."""
    await target.attack(_SLOW, *[b" "] * 10_000, every=1)


async def large_body(target: Target, _number: int) -> None:
    """Send a body of 100 MiB as fast as the server takes it."""
    await target.attack(_POST_LARGE % _LARGE, *[b" " * 2**16] * (_LARGE // 2**16))


async def login(target: Target, number: int) -> None:
    """Sign in with a wrong password."""
    body = json.dumps({"email": f"nobody{number}@aula.example", "password": "wrong horse battery"}).encode()
    head = f"POST /auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    await target.attack(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)


async def stream(target: Target, number: int) -> None:
    """Follow an order, and read all that is sent."""
    token, order = target.streams[number % len(target.streams)]
    head = f"GET /orders/{order}/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"
    await target.attack(head.encode())


@dataclass(frozen=True, slots=True)
class Attack:
    """`count` clients do `act` again and again."""

    name: str
    act: Callable[[Target, int], Awaitable[None]]
    count: int


ATTACKS: Final[Mapping[str, Attack]] = {
    attack.name: attack
    for attack in (
        Attack("half-open", half_open, 1000),
        Attack("endless-head", endless_head, 50),
        Attack("slow-body", slow_body, 500),
        Attack("large-body", large_body, 8),
        Attack("login", login, 60),
        Attack("stream", stream, 1000),
    )
}


async def _repeat(attack: Attack, target: Target, number: int) -> None:
    while True:
        try:
            await attack.act(target, number)
        except OSError:
            target.answered["refused"] += 1
        await asyncio.sleep(_PAUSE)


async def _run(attack: Attack, target: Target) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    tasks = [asyncio.create_task(_repeat(attack, target, number)) for number in range(attack.count)]
    await ended.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Attack an API until SIGTERM.")
    parser.add_argument("attack", choices=ATTACKS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--streams", type=Path, required=True, help="pairs of access token and order, as JSON")
    parser.add_argument("--result", type=Path, required=True)
    given = parser.parse_args()
    target = Target(given.port, json.loads(given.streams.read_text(encoding="utf-8")))
    uvloop.run(_run(ATTACKS[given.attack], target))
    given.result.write_text(json.dumps(target.answered), encoding="utf-8")


if __name__ == "__main__":
    main()
