"""The entry of the app on a phone or a desktop, and of `flet build`."""

import flet as ft
import httpx

from client.app import App, environment_of


async def main(page: ft.Page) -> None:
    """Start the app on a device."""
    http = httpx.AsyncClient()
    page.on_close = lambda _: page.run_task(http.aclose)
    await App(page, http, await environment_of(page)).start()


if __name__ == "__main__":
    ft.run(main, assets_dir="assets")
