"""The API's process: `python -m api --port 8000`."""

import argparse

import uvicorn

from api.server import server_config
from core.settings import settings


def main() -> None:
    """Serve until the process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m api", description="Serve the API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    config = server_config("api.main:app", host=given.host, port=given.port, proxies=settings().proxies)
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
