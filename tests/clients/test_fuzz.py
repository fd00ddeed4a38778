"""Requests made from the document by schemathesis, for a while: each answer is one that the document describes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.api_harness import ApiHarness

# `make fuzz` gives it longer.
SECONDS = int(os.environ.get("AULA_FUZZ_SECONDS", "20"))
# Streams last until their job is finished. The others would end the session that the requests are made with.
_NOT_CALLED = r"/events$|^/auth/logout$|^/me$|^/me/(sessions|password|totp)|/role$"
# A rule between fields, or about the rows that are there, refuses what the schema alone allows.
_NOT_CHECKED = "positive_data_acceptance"


@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.parametrize("role", ["visitor", "member", "admin"])
def test_every_answer_is_described(api: ApiHarness, tmp_path: Path, role: str) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", f"{api.url}/openapi.json", "--phases", "fuzzing,stateful", "--no-color"]
    limits = ["--max-time", str(SECONDS), "--max-examples", "50", "--request-timeout", "10", "--seed", "1"]
    # Without a relay and a worker it is not ready.
    choice = ["--exclude-path-regex", rf"{_NOT_CALLED}|^/readyz$", "--exclude-checks", _NOT_CHECKED]
    if role != "visitor":
        user = api.user("admin" if role == "admin" else "member")
        choice += ["--header", f"Authorization: {user.http.headers['authorization']}"]
    done = subprocess.run([*command, *limits, *choice], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    assert done.returncode == 0, done.stdout[-8000:]
