"""One person's app: starts, finds the page of a route, and asks to sign in where that is needed."""

from urllib.parse import urlsplit

import flet as ft
import httpx

from client.api.client import ApiClient
from client.api.problems import ApiProblem
from client.api.transport import Transport
from client.context import Context
from client.environment import Device, Environment, api_url, chosen_api_url, site_url
from client.pages.missing import MissingScreen, NeedsLoginScreen
from client.routes import find
from client.screen import Screen
from client.shell import Shell, is_dark
from client.stores import kept_store
from client.theme import dark, light

_LANGUAGE_KEY, _THEME_KEY = "language", "theme"


class App:
    """The app of one page of Flet."""

    def __init__(self, page: ft.Page, http: httpx.AsyncClient, environment: Environment) -> None:
        api = ApiClient(Transport(http, environment.api_url, _headers(page, environment)))
        self._context = Context(page, api, environment, rebuild=self._show_route)
        self._shell = Shell(self._context, self._switch_theme, self._switch_language)
        self._preferences = ft.SharedPreferences()
        api.on_session_end = self._on_session_end

    async def start(self) -> None:
        """Dress the page, sign in by a kept token, and show the page of the address."""
        page = self._context.page
        page.theme, page.dark_theme = light(), dark()
        page.theme_mode = ft.ThemeMode.SYSTEM
        page.locale_configuration = ft.LocaleConfiguration(
            supported_locales=[ft.Locale("sv"), ft.Locale("en")], current_locale=ft.Locale("sv")
        )
        page.on_route_change = lambda _: self._show_route()
        page.on_platform_brightness_change = lambda _: self._show_route()
        page.on_resize = lambda _: self._shell.fit()
        await self._restore()
        self._show_route()

    async def _restore(self) -> None:
        context = self._context
        language, theme = await self._preferences.get(_LANGUAGE_KEY), await self._preferences.get(_THEME_KEY)
        context.language = "en" if language == "en" else "sv"
        if isinstance(theme, str):
            context.page.theme_mode = ft.ThemeMode(theme)
        try:
            if await context.api.resume(kept_store(context.environment)):
                await context.load_me()
        except ApiProblem as problem:
            context.tell_problem(problem)

    def _show_route(self) -> None:
        self._shell.show(self._screen(urlsplit(self._context.page.route or "/").path))

    def _screen(self, path: str) -> Screen:
        context = self._context
        found = find(path)
        if found is None:
            return MissingScreen(context)
        screen, ids = found
        if context.me is None and not screen.public:
            return NeedsLoginScreen(context)
        return screen(context, **ids)

    def _on_session_end(self) -> None:
        context = self._context
        context.me = None
        context.tell(context.say("problem.session_ended"))
        context.go_to_login()

    def _switch_theme(self) -> None:
        page = self._context.page
        page.theme_mode = ft.ThemeMode.LIGHT if is_dark(page) else ft.ThemeMode.DARK
        self._context.run(self._preferences.set(_THEME_KEY, page.theme_mode.value))
        self._show_route()

    def _switch_language(self) -> None:
        self._context.language = "sv" if self._context.language == "en" else "en"
        self._context.run(self._preferences.set(_LANGUAGE_KEY, self._context.language))
        self._show_route()


async def environment_of(page: ft.Page) -> Environment:
    """The device of a page, and where its API is."""
    device = await _device_of(page)
    api = api_url(device, origin=page.url or "", chosen=chosen_api_url())
    return Environment(device, api, site_url(api))


async def _device_of(page: ft.Page) -> Device:
    if page.web:
        return Device.WEB
    match page.platform:
        case ft.PagePlatform.ANDROID | ft.PagePlatform.ANDROID_TV:
            info = await page.get_device_info()
            emulated = getattr(info, "is_physical_device", True) is False
            return Device.ANDROID_EMULATOR if emulated else Device.ANDROID
        case ft.PagePlatform.IOS:
            return Device.IOS
        case _:
            return Device.DESKTOP


def _headers(page: ft.Page, environment: Environment) -> dict[str, str]:
    """Who asks, where one process asks for many: limits and lists of sessions are about the person."""
    if environment.device is not Device.WEB or page.pyodide:
        return {}
    headers = {"User-Agent": page.client_user_agent or "Aula"}
    return headers | ({"X-Forwarded-For": page.client_ip} if page.client_ip else {})
