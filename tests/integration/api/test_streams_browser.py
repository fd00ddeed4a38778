"""A browser's EventSource, on a page of another origin."""

import json
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from core.settings import Settings
from tests.support.api_harness import open_api

_BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_PAGE = """<script>
const tell = what => fetch('/told', {method: 'POST', body: JSON.stringify(what)});
const source = new EventSource(%s);
source.addEventListener('order', event => tell(['order', JSON.parse(event.data).state]));
source.addEventListener('finished', event => tell(['finished', JSON.parse(event.data).state]));
source.onerror = () => { if (source.readyState === EventSource.CLOSED) tell(['closed', '']); };
</script>"""

pytestmark = pytest.mark.skipif(_BROWSER is None, reason="needs chromium")


@contextmanager
def _page_server(told: "Queue[list[str]]", page: list[str]) -> Generator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page[0].encode() if self.path == "/" else b"")

        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _browser(url: str, profile: Path) -> Generator[None]:
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server")
    process = subprocess.Popen(  # noqa: S603 - the installed browser
        [str(_BROWSER), *options, f"--user-data-dir={profile}", "--remote-debugging-port=0", url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_a_page_of_another_origin_follows_an_order_by_ticket_until_it_is_told_to_stay_away(
    database_url: str, tmp_path: Path
) -> None:
    told: Queue[list[str]] = Queue()
    page = [""]
    with _page_server(told, page) as origin:
        settings = Settings(env="test", database_url=database_url, allowed_origins=origin)
        with open_api(settings) as api:
            buyer = api.user()
            order = buyer.place_order(api.course())
            path = f"/orders/{order['id']}/events"
            ticket = buyer.http.post("/streams/tickets", json={"path": path}).json()
            page[0] = _PAGE % json.dumps(api.url + ticket["url"])
            with _browser(origin, tmp_path):
                assert told.get(timeout=60) == ["order", "pending"]
                api.set_order(order["id"], state="cancelled")
                assert told.get(timeout=20) == ["finished", "cancelled"]
                # It connects again by itself, with the id of the last event, and is answered 204.
                assert told.get(timeout=20) == ["closed", ""]
