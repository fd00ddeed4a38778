"""The servers of live rooms under contract: the emulator, and LiveKit's own where it is installed."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from livekit.api import AccessToken, LiveKitAPI, VideoGrants

from core.gateways.livekit import LiveKitGateway
from scripts.local.ports import free_port
from tests.contract.processes import running_process
from tests.contract.receiver import WebhookReceiver
from tests.support.waiting import wait_until

KEY, SECRET = "testkey", "a-secret-of-the-tests-with-32-bytes"
# Seconds before the emulator tries a delivery again for the first time.
RETRY_BASE = 0.05
_START_S, _STOP_S = 20.0, 10.0


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running server, and the receiver of its webhooks."""

    url: str
    receiver: WebhookReceiver
    is_emulator: bool

    @property
    def gateway(self) -> LiveKitGateway:
        return LiveKitGateway(self.url, KEY, SECRET)

    def api(self) -> LiveKitAPI:
        return LiveKitAPI(self.url, KEY, SECRET, failover=False)

    def events(self, room: str, kind: str | None = None) -> list[dict[str, Any]]:
        """The events of a room that were delivered, the oldest first."""
        found = [delivery.event for delivery in list(self.receiver.deliveries)]
        return [each for each in found if each["room"]["name"] == room and kind in {None, each["event"]}]

    def event(self, room: str, kind: str) -> dict[str, Any]:
        """The first event of that kind, as soon as it is there."""
        return wait_until(lambda: self.events(room, kind), f"{kind} of {room}")[0]


def token(room: str, identity: str, *, secret: str = SECRET, life: float = 600, **grants: Any) -> str:  # noqa: ANN401 - LiveKit's
    """A token with these grants; what is not named is allowed, as in the SDK."""
    asked = VideoGrants(room_join=True, room=room, **grants)
    made = AccessToken(KEY, secret).with_identity(identity).with_name(identity.title()).with_grants(asked)
    return made.with_ttl(timedelta(seconds=life)).to_jwt()


@contextmanager
def live_emulator(receiver: WebhookReceiver, folder: Path) -> Generator[LiveServer]:
    """The emulator, in its own process."""
    port = free_port()
    keys = {"AULA_LIVEKIT_API_KEY": KEY, "AULA_LIVEKIT_API_SECRET": SECRET}
    options = (f"--port={port}", f"--webhook-url={receiver.url}", f"--retry-base={RETRY_BASE}")
    health = f"http://127.0.0.1:{port}/"
    with running_process("emulators.livekit", *options, health=health, log=folder / "log.txt", environment=keys):
        yield LiveServer(f"ws://127.0.0.1:{port}", receiver, is_emulator=True)


@contextmanager
def real_server(receiver: WebhookReceiver, folder: Path) -> Generator[LiveServer]:
    """LiveKit's server, on the loopback address."""
    program = os.environ.get("AULA_LIVEKIT_SERVER") or shutil.which("livekit-server")
    if not program:
        pytest.skip("no livekit-server: neither AULA_LIVEKIT_SERVER nor the PATH has one")
    port, config = free_port(), folder / "livekit.json"
    config.write_text(json.dumps(_config(port, receiver.url)), encoding="utf-8")
    with (
        (folder / "log.txt").open("ab") as log,
        subprocess.Popen([program, "--config", str(config)], stdout=log, stderr=log) as process,  # noqa: S603 - as told
    ):
        try:
            wait_until(lambda: process.poll() is not None or _answers(port), f"livekit-server at {port}", _START_S)
            assert process.poll() is None, (folder / "log.txt").read_text()[-2_000:]
            yield LiveServer(f"ws://127.0.0.1:{port}", receiver, is_emulator=False)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _config(port: int, webhook_url: str) -> dict[str, Any]:
    """As docs/livekit.md says, without the internet."""
    rtc = {
        "tcp_port": free_port(),
        "udp_port": _free_udp_port(),
        "use_external_ip": False,
        "node_ip": "127.0.0.1",
        "enable_loopback_candidate": True,
        "interfaces": {"includes": ["lo"]},
        "ips": {"includes": ["127.0.0.1/32"]},
        "stun_servers": ["127.0.0.1:1"],
    }
    return {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "rtc": rtc,
        "room": {"auto_create": False},
        "keys": {KEY: SECRET},
        "webhook": {"api_key": KEY, "urls": [webhook_url]},
    }


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=1, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _free_udp_port() -> int:
    """`free_port` keeps the UDP port of its number for this process, which the server could not take."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
