"""The app in a browser, used as a person with a keyboard and a screen reader uses it."""

import json
from dataclasses import dataclass
from typing import Any

from tests.support.browser import Browser, Tab

# The tree for screen readers is made when it is asked for.
_ENABLE = "document.querySelector('flt-semantics-placeholder')"
# Every text that a screen reader would say, with the values of fields.
_SAID = (
    "[...document.querySelectorAll('flt-semantics-host *')].map((one) => [one.getAttribute('aria-label'), one.value,"
    " [...one.childNodes].filter((child) => child.nodeType === 3).map((child) => child.textContent).join('')]"
    ".filter(Boolean).join('\\n')).filter(Boolean).join('\\n').replaceAll('\\u00a0', ' ')"
)


@dataclass(frozen=True, slots=True)
class AppTab:
    """One window of the app."""

    tab: Tab

    def said(self) -> str:
        """What the page says."""
        return str(self.tab.run(_SAID))

    def hears(self, text: str, seconds: float = 30.0) -> None:
        """Wait until the page says it."""
        self.tab.wait(f"{_SAID}.includes({json.dumps(text)})", seconds)

    def press(self, name: str, seconds: float = 30.0) -> None:
        """Press the last button whose name begins so: a dialog's comes after the page's."""
        self.tab.wait(f"!!{_button(name)}", seconds)
        # As a screen reader presses it: wherever it is, and while the page still moves.
        self.tab.run(f"{_button(name)}.click()")

    def press_twice(self, name: str) -> None:
        """Press a button two times, as fast as a finger can."""
        self.tab.wait(f"!!{_button(name)}")
        self.tab.run(f"((one) => {{ one.click(); one.click(); }})({_button(name)})")

    def write(self, label: str, text: str) -> None:
        """Write into the field of a label, in place of what stands there."""
        found = f"document.querySelector('[aria-label^={json.dumps(label)}]:is(input, textarea)')"
        self.tab.wait(f"!!{found}")
        self.tab.run(f"{found}.focus()")
        self.tab.wait(f"document.activeElement === {found}")
        self.tab.run(f"{found}.select()")
        self._call("Input.insertText", text=text)
        self.tab.wait(f"{found}.value === {json.dumps(text)}")

    def enter(self) -> None:
        """Press the Enter key."""
        for kind in ("keyDown", "keyUp"):
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
            self._call("Input.dispatchKeyEvent", type=kind, **(key if kind == "keyDown" else {**key, "text": ""}))

    def go(self, path: str) -> None:
        """Open a page of the app by its address, as the browser's history does."""
        self.tab.run(f"history.pushState(null, '', '/app{path}'); dispatchEvent(new PopStateEvent('popstate'))")

    def path(self) -> str:
        """The page's path."""
        return str(self.tab.run("location.pathname"))

    def at(self, path: str) -> None:
        """Wait until the page has this path."""
        self.tab.wait(f"location.pathname === {json.dumps(path)}")

    def come_back(self) -> None:
        """Look at this window again: a browser draws nothing in a window behind another."""
        self._call("Page.bringToFront")

    def hosts(self) -> set[str]:
        """Every host that the page has sent a request to."""
        return self.tab.browser.hosts(self.tab.session)

    def _call(self, method: str, **parameters: Any) -> None:  # noqa: ANN401 - the protocol's
        self.tab.browser.call(method, self.tab.session, **parameters)


def open_app(browser: Browser, url: str, *, width: int = 1280) -> AppTab:
    """A window of the app in a profile of its own, with the tree for screen readers."""
    tab = browser.open("about:blank", width=width, height=900)
    browser.call("Network.enable", tab.session)
    browser.call("Page.navigate", tab.session, url=url)
    tab.wait(f"!!{_ENABLE}", 90)
    tab.run(f"{_ENABLE}.click()")
    tab.wait("!!document.querySelector('flt-semantics-host flt-semantics')")
    return AppTab(tab)


def _button(name: str) -> str:
    said = "(one.getAttribute('aria-label') ?? one.textContent).replaceAll('\\u00a0', ' ').trim()"
    return (
        "[...document.querySelectorAll('flt-semantics-host [role=button], flt-semantics-host [role=tab]')]"
        f".filter((one) => {said}.startsWith({json.dumps(name)})).pop()"
    )
