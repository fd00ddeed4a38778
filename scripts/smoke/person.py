"""An account and its requests: each answer is checked."""

import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

import httpx

from scripts.smoke.surprise import expect, expect_answer, wait_for
from scripts.smoke.target import Target

T = TypeVar("T")
Json = dict[str, Any]

_VERIFY_LINK: Final = re.compile(r"/verify\?token=([\w=-]+)")
_CARD: Final = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Smoke"}
# Seconds that a limit of requests may ask to wait.
_LONGEST_LIMIT: Final = 60


class Person:
    """One person with an account of a new address."""

    def __init__(self, target: Target, client: httpx.Client, name: str) -> None:
        self.email = f"smoke.{name}.{secrets.token_hex(4)}@aula.example"
        self._name = name
        self._password = secrets.token_urlsafe(18)
        self._target = target
        self._client = client
        self._token = ""

    def register(self) -> str:
        """Create the account."""
        account = {"email": self.email, "password": self._password, "display_name": self._name.title()}
        self.send("POST", "/auth/register", account)
        return self.email

    def prove_address(self) -> str:
        """Open the link in the email that proves the address; before that, the account cannot sign in."""
        account = {"email": self.email, "password": self._password}
        answer = self._request("POST", "/auth/login", account)
        expect(answer.is_client_error, "an account without a proven address cannot sign in", answer.status_code)
        token = self.wait_for(self._proof_token, f"an email to {self.email} has the link that proves the address")
        self.send("POST", "/auth/verify", {"token": token, "password": self._password})
        return "by the link in the email"

    def log_in(self) -> str:
        """Get an access token."""
        answer = self.send("POST", "/auth/login", {"email": self.email, "password": self._password})
        self._token = answer["access_token"]
        return f"as {self.get('/me')['role']}"

    def get(self, path: str, **filters: str) -> Json:
        """Read. Raises SurpriseError unless it succeeds."""
        return _json(expect_answer(self._request("GET", path, params=filters)))

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        """Act. Raises SurpriseError unless it succeeds."""
        return _json(expect_answer(self._request(method, path, body)))

    def is_refused(
        self, status: HTTPStatus, code: str, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> str:
        """Try what must be refused. Raises SurpriseError unless the answer has this status and code."""
        expect_answer(self._request(method, path, body), status, code)
        return f"{status.value} {code}"

    def pay(self, order_id: str) -> None:
        """Open a checkout of the order, and pay on its page. Raises SurpriseError."""
        wanted = {"order_id": order_id, "ui_mode": "hosted_page"}
        page = self.send("POST", "/payments/stripe/create-session", wanted)["url"]
        expect_answer(self._client.get(page))
        paid = self._client.post(page, data=_CARD)
        expect(paid.is_redirect, "the emulator's payment page accepts the test card", paid.status_code)

    def wait_for_order(self, order_id: str, state: str) -> Json:
        """The order, when it is in this state. Raises SurpriseError."""
        last = self.get(f"/orders/{order_id}")

        def found() -> Json | None:
            last.update(self.get(f"/orders/{order_id}"))
            return last if last["state"] == state else None

        return wait_for(found, self._target.seconds, f"the order is {state}", lambda: f"it is {last['state']}")

    def subjects(self) -> Sequence[str]:
        """The subjects of the emails that the person got."""
        return [one["subject"] for one in self._emails()]

    def receipts(self) -> int:
        """How many receipts the person got."""
        return sum("kvitto" in subject or "receipt" in subject for subject in self.subjects())

    def wait_for(self, find: Callable[[], T | None], expected: str) -> T:
        """As `surprise.wait_for`, for the seconds of the target."""
        return wait_for(find, self._target.seconds, expected)

    def _proof_token(self) -> str | None:
        links = (_VERIFY_LINK.search(one["text"]) for one in self._emails())
        return next((link[1] for link in links if link), None)

    def _emails(self) -> Sequence[Json]:
        answer = self._client.get(f"{self._target.inbox}/messages.json", params={"to": self.email})
        return _json(expect_answer(answer))["messages"]

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request; one that a limit refuses is sent again when the answer says so."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if method != "GET":
            headers["Idempotency-Key"] = secrets.token_hex(16)
        deadline = time.monotonic() + _LONGEST_LIMIT
        while True:
            answer = self._client.request(
                method, f"{self._target.api}{path}", json=body, params=params, headers=headers
            )
            pause = float(answer.headers.get("Retry-After", "1"))
            is_limited = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
            if not is_limited or time.monotonic() + pause > deadline:
                return answer
            time.sleep(pause)


def _json(answer: httpx.Response) -> Json:
    return answer.json() if answer.content else {}
