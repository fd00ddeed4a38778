"""The inbox in a browser, and the same letters as JSON for tests."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from emulators.mail.mailbox import Mailbox

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_SHOWN = 200


def make_inbox(mailbox: Mailbox) -> Starlette:
    """The web side of the sink."""

    async def index(_request: Request) -> Response:
        letters = mailbox.letters()
        page = _pages.get_template("inbox.html").render(letters=letters[:_SHOWN], total=len(letters))
        return HTMLResponse(page)

    async def one(request: Request) -> Response:
        letter = mailbox.letter(request.path_params["id"])
        status = 200 if letter else 404
        return HTMLResponse(_pages.get_template("letter.html").render(letter=letter), status)

    async def all_json(request: Request) -> Response:
        to = request.query_params.get("to")
        letters = [letter for letter in mailbox.letters() if to is None or letter.to == to]
        return JSONResponse({"messages": [letter.as_json() for letter in letters]})

    async def one_json(request: Request) -> Response:
        letter = mailbox.letter(request.path_params["id"])
        return JSONResponse(letter.as_json() if letter else {"error": "no such letter"}, 200 if letter else 404)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "emulator": "mail"})

    return Starlette(
        routes=[
            Route("/", index),
            Route("/messages.json", all_json),
            Route("/messages/{id}.json", one_json),
            Route("/messages/{id}", one),
            Route("/healthz", health),
        ]
    )
