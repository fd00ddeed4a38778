"""One WebRTC connection on the loopback address."""

import asyncio
from collections.abc import Callable
from typing import Final

import aioice.ice
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from livekit.protocol.rtc import SessionDescription

from emulators.livekit.media.peer import PeerEvents, SentTrack
from emulators.livekit.media.sdp import Section, sections_of, without_candidates

# The channel whose messages arrive, and the most that wait for it to open.
RELIABLE: Final = "_reliable"
_MOST_EARLY: Final = 100


def listen_on(host: str) -> None:
    """Let all connections of this process use one address only.

    aioice takes every address but the loopback one. Clients of an emulator are on the same machine, which may have
    no other; and nobody else shall reach it.
    """

    def addresses(*, use_ipv4: bool, use_ipv6: bool) -> list[str]:
        del use_ipv4, use_ipv6
        return [host]

    aioice.ice.get_host_addresses = addresses


class Connection:
    """An aiortc connection with its data channels by name. `lost` is told once, also if it never stood."""

    def __init__(self, events: PeerEvents, connected: Callable[[], None]) -> None:
        self.rtc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.lock = asyncio.Lock()
        self._channels: dict[str, RTCDataChannel] = {}
        # Sent before the client's channel was there.
        self._early: list[bytes] = []
        self._events, self._connected = events, connected
        self.rtc.on("connectionstatechange", self._changed)
        self.rtc.on("datachannel", self.adopt)

    def adopt(self, channel: RTCDataChannel) -> None:
        """Use a data channel, which the client or the emulator made."""
        self._channels[channel.label] = channel

        def received(payload: bytes | str) -> None:
            if isinstance(payload, bytes):
                self._events.data(payload, channel.label)

        channel.on("message", received)
        channel.on("open", lambda: self._send_early(channel))
        if channel.readyState == "open":
            self._send_early(channel)

    def send_data(self, payload: bytes, label: str) -> None:
        """Send data. If the channel is not open yet, only reliable data is kept for it."""
        channel = self._channels.get(label)
        if channel and channel.readyState == "open":
            channel.send(payload)
        elif label == RELIABLE and len(self._early) < _MOST_EARLY:
            self._early.append(payload)

    def _send_early(self, channel: RTCDataChannel) -> None:
        if channel.label == RELIABLE:
            for payload in self._early:
                channel.send(payload)
            self._early.clear()

    async def receive(self, offer: SessionDescription) -> list[Section]:
        """Take the client's offer; its sections."""
        text = without_candidates(offer.sdp)
        await self.rtc.setRemoteDescription(RTCSessionDescription(text, "offer"))
        return sections_of(text)

    async def local(self) -> str:
        """Make the answer or the offer that is due, and use it."""
        await self.rtc.setLocalDescription()
        return self.rtc.localDescription.sdp

    def transceivers(self) -> dict[str, RTCRtpTransceiver]:
        """The transceivers by their mid."""
        return {each.mid: each for each in self.rtc.getTransceivers() if each.mid is not None}

    def sent(self, sections: list[Section]) -> list[SentTrack]:
        """The tracks that the client sends in these sections."""
        transceivers = self.transceivers()
        return [
            SentTrack(each.cid, each.mid, each.mime, transceivers[each.mid].receiver.track)
            for each in sections
            if each.sends
        ]

    async def close(self) -> None:
        """Hang up."""
        await self.rtc.close()

    def _changed(self) -> None:
        match self.rtc.connectionState:
            case "connected":
                self._connected()
            case "failed" | "closed":
                self._events.lost()
            case _:
                return
