"""`python -m emulators.livekit`: serve the room service until Ctrl-C."""

import argparse
import os
import sys

import uvicorn

from emulators.livekit.access import Key
from emulators.livekit.app import RoomService, make_app
from emulators.livekit.rooms import Rooms

_BANNER = """
==============================================================================
  LIVEKIT EMULATOR - rooms without media; no real person is reached.
  Address  ws://{host}:{port}
==============================================================================
"""


def main() -> None:
    """Read the command line, print a banner, serve. The key comes from AULA_LIVEKIT_API_KEY and …_SECRET."""
    parser = argparse.ArgumentParser(prog="python -m emulators.livekit", description="A local server of live rooms.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    sys.stdout.write(_BANNER.format(host=given.host, port=given.port))
    sys.stdout.flush()
    key = Key(os.environ["AULA_LIVEKIT_API_KEY"], os.environ["AULA_LIVEKIT_API_SECRET"])
    uvicorn.run(make_app(RoomService(Rooms()), key), host=given.host, port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
