"""`python -m emulators.mail`: receive mail on one port and show it on another, until Ctrl-C."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvicorn
from aiosmtpd.controller import UnthreadedController

from emulators.mail.faults import Faults
from emulators.mail.inbox import make_inbox
from emulators.mail.mailbox import Mailbox
from emulators.mail.sink import Sink

_BANNER = """
==============================================================================
  MAIL SINK - emails stop here and reach no one else.
  SMTP    {host}:{smtp_port}
  Inbox   http://{host}:{web_port}
  Emails  {data}
==============================================================================
"""


def main() -> None:
    """Read the command line, print a banner, serve."""
    parser = argparse.ArgumentParser(prog="python -m emulators.mail", description="A local mail sink.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder for the emails, as .eml files")
    options = parser.parse_args()
    sys.stdout.write(_BANNER.format(**vars(options)))
    sys.stdout.flush()
    asyncio.run(_serve(Mailbox(options.data), options.host, options.smtp_port, options.web_port))


async def _serve(mailbox: Mailbox, host: str, smtp_port: int, web_port: int) -> None:
    loop = asyncio.get_running_loop()
    faults = Faults()
    smtp = UnthreadedController(Sink(mailbox, faults), hostname=host, port=smtp_port, loop=loop, enable_SMTPUTF8=True)
    # The web server starts last: when /healthz responds, SMTP is listening.
    server = await loop.create_server(smtp.factory, host, smtp_port)
    web = uvicorn.Server(uvicorn.Config(make_inbox(mailbox, faults), host=host, port=web_port, log_level="warning"))
    try:
        await web.serve()
    finally:
        server.close()


if __name__ == "__main__":
    main()
