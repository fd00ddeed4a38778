"""The operator: the command line `aula`, each command in a process of its own."""

import json
import os
import secrets
from collections.abc import Sequence
from typing import Any, Final

from scripts.aula.forked import run_aula
from scripts.smoke.surprise import SurpriseError
from scripts.smoke.target import Target

REASON: Final = "the smoke test"
_EMAIL: Final = "smoke.operator@aula.example"
# Of `aula`: done, and nothing found.
_DONE, _NOTHING = 0, 1

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
        done = run_aula([*arguments, "--json"], self._variables, given=given)
        if done.code not in codes:
            command = " ".join(("aula", *arguments))
            raise SurpriseError(f"{command} succeeds", f"code {done.code}: {done.stderr.strip()[-500:]}")
        return done.stdout
