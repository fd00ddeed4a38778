"""The process that serves the app on the web."""

import asyncio

import httpx

from client.server import create_server


def get(path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_server())
        async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as http:
            return await http.get(path)

    return asyncio.run(ask())


def test_the_process_says_that_it_lives() -> None:
    assert get("/healthz").text == "ok\n"


def test_the_app_is_under_its_path_and_keeps_the_browser_to_its_host() -> None:
    page = get("/app/courses")
    assert page.status_code == 200
    assert '<base href="/app/">' in page.text
    assert "/app/ws" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "https:" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
