"""The operator: an account with the role admin, the command line `aula` and the HTTP API. Nothing else."""

import json
import os
import secrets
from collections.abc import Sequence
from typing import Any, Self

import httpx
from pyotp.totp import TOTP

from scripts.aula.forked import run_aula
from scripts.run.environment import Environment
from scripts.run.errors import RequestFailedError, RunFailedError

REASON = "the drill"
_EMAIL = "operator@aula.example"
# Of `aula`: done, and nothing found or a check failed.
_ANSWERED = (0, 1)

Json = dict[str, Any]


class Operator:
    """Finds and repairs. Lists of commands have at most 1,000 rows, those of the API 100."""

    def __init__(self, environment: Environment, client: httpx.Client) -> None:
        self._environment = environment
        self._client = client
        self._token = ""

    @classmethod
    def make(cls, environment: Environment, client: httpx.Client) -> Self:
        """Create the operator's account by the command line, log in, and turn on a second factor."""
        made = cls(environment, client)
        password = secrets.token_urlsafe(18)
        made.record("users", "create-admin", _EMAIL, "--reason", REASON, "--password-stdin", given=password)
        made._token = made.post("/auth/login", {"email": _EMAIL, "password": password})["access_token"]
        secret = made.post("/me/totp", {"password": password})["secret"]
        made.post("/me/totp/confirm", {"code": TOTP(secret).now()})
        return made

    def rows(self, *arguments: str) -> list[Json]:
        """Run a command that lists; no rows when it finds none.

        Raises:
            RunFailedError: the command was refused, or could not work.
        """
        return [json.loads(line) for line in self._aula(arguments).splitlines()]

    def record(self, *arguments: str, given: str = "") -> Json:
        """Run a command that prints one record; `given` is its stdin.

        Raises:
            RunFailedError: the command was refused, or could not work.
        """
        return json.loads(self._aula(arguments, given))

    def get(self, path: str, **filters: str) -> Json:
        """Ask the API.

        Raises:
            RequestFailedError: it answered with an error.
        """
        address = f"{self._environment.api}{path}"
        return _json(self._client.get(address, params=filters, headers=self._headers()))

    def post(self, path: str, body: Json) -> Json:
        """Act by the API.

        Raises:
            RequestFailedError: it answered with an error.
        """
        headers = {**self._headers(), "Idempotency-Key": secrets.token_hex(16)}
        return _json(self._client.post(f"{self._environment.api}{path}", json=body, headers=headers))

    def faults(self, part: str, name: str | None = None) -> list[Json]:
        """The faults that `aula doctor` finds in a part."""
        checks = self.record("doctor")["checks"]
        faults = [check for check in checks if check["level"] == "fault" and check["part"] == part]
        return [check for check in faults if name in {None, check["name"]}]

    def open_findings(self, kind: str) -> list[Json]:
        """The open findings of a kind."""
        return self.get("/admin/findings", state="open", kind=kind, limit="100")["items"]

    def jobs(self, **filters: str) -> list[Json]:
        """The newest jobs that match."""
        return self.get("/admin/jobs", limit="100", **filters)["items"]

    def _aula(self, arguments: Sequence[str], given: str = "") -> str:
        """Run a command with --json. Returns what it printed.

        Raises:
            RunFailedError: the command was refused, or could not work.
        """
        variables = {**os.environ, **self._environment.variables}
        done = run_aula([*arguments, "--json"], variables, given=given)
        if done.code not in _ANSWERED:
            command = " ".join(("aula", *arguments))
            raise RunFailedError(f"{command} ended with code {done.code}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


def _json(answer: httpx.Response) -> Json:
    if not answer.is_success:
        request = answer.request
        said = f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text[:500]}"
        raise RequestFailedError(said, answer.status_code)
    return answer.json() if answer.content else {}
