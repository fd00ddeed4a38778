"""`python -m emulators.stripe`: run the emulator until Ctrl-C."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from emulators.stripe.app import make_app
from emulators.stripe.config import API_VERSION, Config

_BANNER = """
==============================================================================
  STRIPE EMULATOR - no money moves here. Never point a production system at it.
  API and pages   {public_url}   (API version {version})
  Webhooks go to  {webhook_url}
  Data            {data}
==============================================================================
"""


def main() -> None:
    """Read the command line, print a banner, serve."""
    options = _parser().parse_args()
    config = _config(options)
    sys.stdout.write(
        _BANNER.format(
            public_url=config.public_url, version=API_VERSION, webhook_url=config.webhook_url, data=config.data
        )
    )
    sys.stdout.flush()
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s stripe-emulator %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # A late answer may take minutes; it must not hold up the end of the process.
    uvicorn.run(
        make_app(config),
        host=options.host,
        port=options.port,
        ws="websockets-sansio",
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulators.stripe", description="A local Stripe.")
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, required=True)
    add("--data", type=Path, required=True, help="folder for the state; it survives restarts")
    add("--webhook-url", required=True, type=_http_url, help="where events are delivered")
    add("--webhook-secret", required=True, type=_prefixed("whsec_"), help="secret that signs the deliveries")
    add("--secret-key", required=True, type=_prefixed("sk_test_"), help="the API key that callers must send")
    add("--public-url", type=_http_url, help="address of this emulator for browsers")
    add("--retry-base", type=_positive, default=1.0, metavar="SECONDS", help="first retry delay; it doubles each time")
    add("--retry-cap", type=_positive, default=3600.0, metavar="SECONDS", help="longest retry delay")
    add("--delivery-timeout", type=_positive, default=10.0, metavar="SECONDS")
    add("--delivery-workers", type=int, default=8, choices=range(1, 65), metavar="1..64")
    add("--settle-after", type=_positive, default=5.0, metavar="SECONDS", help="time until a bank debit settles")
    add("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    return parser


def _config(options: argparse.Namespace) -> Config:
    return Config(
        public_url=(options.public_url or f"http://{options.host}:{options.port}").rstrip("/"),
        data=options.data,
        webhook_url=options.webhook_url,
        webhook_secret=options.webhook_secret,
        secret_key=options.secret_key,
        retry_base_s=options.retry_base,
        retry_cap_s=options.retry_cap,
        delivery_timeout_s=options.delivery_timeout,
        delivery_workers=options.delivery_workers,
        settle_after_s=options.settle_after,
    )


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"must be an address such as http://127.0.0.1:8000/…, not {value!r}")
    return value


def _prefixed(prefix: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value.startswith(prefix) or len(value) == len(prefix):
            raise argparse.ArgumentTypeError(f"must be {prefix} followed by more characters")
        return value

    return check


def _positive(value: str) -> float:
    number = float(value)
    if number <= 0:
        raise argparse.ArgumentTypeError("must be above zero")
    return number


if __name__ == "__main__":
    main()
