"""`python -m emulators.livekit`: run the emulator until Ctrl-C."""

import argparse
import logging
import os
import sys

import uvicorn

from emulators.livekit.access import Key
from emulators.livekit.app import make_app
from emulators.livekit.media.connection import listen_on

_BANNER = """
==============================================================================
  LIVEKIT EMULATOR - for the clients of this machine; no real person is reached.
  Address          ws://{host}:{port}
  Webhooks go to   {webhook_url}
==============================================================================
"""


def main() -> None:
    """Read the command line, print a banner, serve. The key comes from AULA_LIVEKIT_API_KEY and …_SECRET."""
    options = _parser().parse_args()
    name, secret = os.environ.get("AULA_LIVEKIT_API_KEY"), os.environ.get("AULA_LIVEKIT_API_SECRET")
    if not name or not secret:
        sys.exit("Set AULA_LIVEKIT_API_KEY and AULA_LIVEKIT_API_SECRET: they sign the tokens.")
    sys.stdout.write(_BANNER.format(host=options.host, port=options.port, webhook_url=options.webhook_url or "no one"))
    sys.stdout.flush()
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s livekit-emulator %(message)s")
    for noisy in ("httpx", "aioice", "aiortc"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # uvicorn says so of each WebSocket that is refused with a status.
    logging.getLogger("uvicorn.error").addFilter(lambda line: "without completing handshake" not in line.getMessage())
    listen_on("127.0.0.1")
    uvicorn.run(
        make_app(Key(name, secret), options.webhook_url, pause_s=options.retry_base),
        host=options.host,
        port=options.port,
        ws="websockets-sansio",
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulators.livekit", description="A local server of live rooms.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook-url", help="where events are delivered; without it, nowhere")
    parser.add_argument("--retry-base", type=float, default=1.0, metavar="SECONDS", help="first pause; it doubles")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    return parser


if __name__ == "__main__":
    main()
