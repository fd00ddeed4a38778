"""The operator: the command line `aula`, in a process of its own."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from scripts.local.instances import ROOT
from scripts.smoke.surprise import SurpriseError
from scripts.smoke.target import Target

REASON: Final = "the smoke test"
_EMAIL: Final = "smoke.operator@aula.example"
# Of `aula`: done, and nothing found.
_DONE, _NOTHING = 0, 1
_SECONDS: Final = 120.0

Json = dict[str, Any]


class Operator:
    """Calls `aula` as AULA_OPERATOR, or as an operator that it makes."""

    def __init__(self, target: Target) -> None:
        self._variables = {**os.environ, **target.variables}

    def enter(self) -> str:
        """Make the operator, unless AULA_OPERATOR names one. Raises SurpriseError."""
        named = self._variables.get("AULA_OPERATOR")
        if not named and not self.rows("users", "list", "--email", _EMAIL):
            options = ("--reason", REASON, "--password-stdin")
            self._aula(["users", "create-admin", _EMAIL, *options], given=secrets.token_urlsafe(18))
        self._variables["AULA_OPERATOR"] = named or _EMAIL
        return self._variables["AULA_OPERATOR"]

    def act(self, *arguments: str) -> None:
        """Act, for the reason of the smoke test. Raises SurpriseError."""
        self._aula([*arguments, "--reason", REASON])

    def rows(self, *arguments: str) -> list[Json]:
        """The rows of a command that lists. Raises SurpriseError."""
        return [json.loads(line) for line in self._aula(arguments, codes=(_DONE, _NOTHING)).splitlines()]

    def record(self, *arguments: str) -> Json:
        """The record that a command shows. Raises SurpriseError."""
        return json.loads(self._aula(arguments))

    def _aula(self, arguments: Sequence[str], *, given: str = "", codes: Sequence[int] = (_DONE,)) -> str:
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-m", "scripts.aula", *arguments, "--json"],
            cwd=ROOT,
            env=self._variables,
            input=given,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode not in codes:
            command = " ".join(("aula", *arguments))
            raise SurpriseError(f"{command} succeeds", f"code {done.returncode}: {done.stderr.strip()[-500:]}")
        return done.stdout
