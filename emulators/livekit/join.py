"""What a client asks for as it comes: the query of `/rtc`, or the packed request of `/rtc/v1`."""

import zlib
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Final

from google.protobuf.message import DecodeError
from livekit.protocol.rtc import ConnectionSettings, JoinRequest, WrappedJoinRequest

from emulators.livekit.access import CallRefusedError

# A description of many tracks has some ten thousand bytes.
_MOST_BYTES: Final = 2**20
# zlib's code for "a gzip header follows".
_GZIP: Final = 16 + zlib.MAX_WBITS


def read_query(query: Mapping[str, str]) -> JoinRequest:
    """The request of `/rtc`, which has no offer."""
    settings = ConnectionSettings(auto_subscribe=query.get("auto_subscribe", "1") in {"1", "true"})
    return JoinRequest(
        connection_settings=settings,
        reconnect=query.get("reconnect") in {"1", "true"},
        participant_sid=query.get("sid", ""),
    )


def read_packed(query: Mapping[str, str]) -> JoinRequest:
    """The request of `/rtc/v1`. Raises CallRefusedError (400)."""
    text = query.get("join_request", "")
    try:
        packed = WrappedJoinRequest.FromString(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        body = packed.join_request
        if packed.compression == WrappedJoinRequest.GZIP:
            body = zlib.decompressobj(_GZIP).decompress(body, _MOST_BYTES)
        return JoinRequest.FromString(body)
    except (Base64Error, DecodeError, zlib.error, ValueError) as error:
        raise CallRefusedError("malformed", 400, "the join request cannot be read") from error
