"""The inbox as web pages for people and as JSON for tests, and the control of the faults."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from emulators.mail.faults import Faults
from emulators.mail.mailbox import Mailbox

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_LIMIT = 200
_REFUSAL = re.compile(r"[45]\d\d", re.ASCII)


def make_inbox(mailbox: Mailbox, faults: Faults) -> Starlette:
    """The web application of the sink."""

    async def index(_request: Request) -> Response:
        emails = mailbox.emails()
        page = _templates.get_template("inbox.html").render(emails=emails[:_LIMIT], total=len(emails))
        return HTMLResponse(page)

    async def one(request: Request) -> Response:
        email = mailbox.find(request.path_params["id"])
        status = 200 if email else 404
        return HTMLResponse(_templates.get_template("email.html").render(email=email), status)

    async def all_json(request: Request) -> Response:
        to = request.query_params.get("to")
        emails = [email for email in mailbox.emails() if to is None or email.to == to]
        return JSONResponse({"messages": [email.as_json() for email in emails]})

    async def one_json(request: Request) -> Response:
        email = mailbox.find(request.path_params["id"])
        return JSONResponse(email.as_json() if email else {"error": "no such email"}, 200 if email else 404)

    async def set_faults(request: Request) -> Response:
        code = request.query_params.get("refused_with", "")
        if code and not _REFUSAL.fullmatch(code):
            return JSONResponse({"error": "refused_with must be an SMTP code from 400 to 599, or empty"}, 400)
        faults.refused_with = int(code) if code else None
        return JSONResponse({"refused_with": faults.refused_with})

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "emulator": "mail"})

    return Starlette(
        routes=[
            Route("/", index),
            Route("/messages.json", all_json),
            Route("/messages/{id}.json", one_json),
            Route("/messages/{id}", one),
            Route("/_emulator/faults", set_faults, methods=["POST"]),
            Route("/healthz", health),
        ]
    )
