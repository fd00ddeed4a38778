"""Where the API is: chosen by the device, unless it is set."""

import os
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

# The API's address, without a slash at the end. Set by the launcher of the served client and for builds.
API_URL: Final = "AULA_API_URL"
# The address that browsers reach the API by, where that is another one.
PUBLIC_URL: Final = "AULA_PUBLIC_URL"
API_PORT: Final = 8000


class Device(Enum):
    """What the app runs on."""

    WEB = "web"
    ANDROID = "android"
    ANDROID_EMULATOR = "android_emulator"
    IOS = "ios"
    DESKTOP = "desktop"


@dataclass(frozen=True, slots=True)
class Environment:
    """The device and the address of the API."""

    device: Device
    api_url: str
    # Where the person's browser reaches the API's own pages, such as a seminar.
    site_url: str

    @property
    def keeps_secrets(self) -> bool:
        """Whether the device has a store that other users of it cannot read. A browser has none."""
        return self.device is not Device.WEB


def api_url(device: Device, *, origin: str = "", chosen: str = "") -> str:
    """The address of the API: the chosen one, on the web the page's own origin, else this machine.

    Inside the Android emulator, 10.0.2.2 is the machine that the emulator runs on
    (https://developer.android.com/studio/run/emulator-networking).

    Raises:
        ValueError: the chosen address is no HTTP address.
    """
    if chosen:
        return _checked(chosen)
    if device is Device.WEB:
        parts = urlsplit(origin)
        return f"{parts.scheme}://{parts.netloc}"
    host = "10.0.2.2" if device is Device.ANDROID_EMULATOR else "127.0.0.1"
    return f"http://{host}:{API_PORT}"


def chosen_api_url() -> str:
    """The address that AULA_API_URL names; empty if it is not set."""
    return os.environ.get(API_URL, "")


def site_url(api: str) -> str:
    """The address of the API in a browser: the API's own, unless AULA_PUBLIC_URL names another."""
    return _checked(os.environ.get(PUBLIC_URL) or api, PUBLIC_URL)


def _checked(address: str, variable: str = API_URL) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"{variable} is not an address such as https://aula.example: {address!r}")
    return address.rstrip("/")
