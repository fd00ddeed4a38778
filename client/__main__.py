"""`python -m client`: serves the app at /app."""

import argparse
import os

import uvicorn

from client.environment import API_URL, Device, api_url, chosen_api_url
from client.server import create_server

_PORT = 8550


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m client", description="The app, at /app.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=_PORT, help=f"the port to listen on (default {_PORT})")
    options = parser.parse_args()
    # A visitor's browser names any host it likes: the address of the API is never taken from it.
    os.environ.setdefault(API_URL, api_url(Device.DESKTOP))
    chosen_api_url()
    uvicorn.run(create_server(), host=options.host, port=options.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
