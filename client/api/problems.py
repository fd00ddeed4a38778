"""Why a request failed.

ApiProblem
├── NoAnswer        the server was not reached, or did not answer in time
└── SessionEnded    the person must sign in again
"""

from typing import Any, Final, cast

import httpx

# Codes of this client, beside those of docs/problems.md.
NO_ANSWER: Final = "no_answer"
UNREADABLE: Final = "unreadable"
SESSION_ENDED: Final = "session_ended"
_SERVER_ERROR: Final = 500


class ApiProblem(Exception):  # noqa: N818 - a refusal, as the API calls it
    """A refusal of the API. `code` is stable (docs/problems.md); `detail` is its English text."""

    def __init__(self, code: str, *, status: int = 0, detail: str = "", answer: dict[str, Any] | None = None) -> None:
        super().__init__(detail or code)
        self.code = code
        self.status = status
        self.detail = detail
        # More members of the answer, such as the `reason` of a room that was refused.
        self.members = answer or {}
        # Seconds to wait before trying again; 0: not said.
        self.retry_after = 0.0

    @property
    def may_have_happened(self) -> bool:
        """Whether the effect is unknown: repeat only under the same idempotency key."""
        return self.status == 0 or self.status >= _SERVER_ERROR

    def message_of(self, field: str) -> str | None:
        """What is wrong with an input of this name."""
        errors: list[dict[str, str]] = self.members.get("errors") or []
        for one in errors:
            if one["field"].split(".")[0] == field:
                return one["detail"]
        return self.detail if str(self.members.get("field") or "").split(".")[0] == field else None


class NoAnswer(ApiProblem):
    """The server was not reached, or did not answer in time."""

    def __init__(self) -> None:
        super().__init__(NO_ANSWER)


class SessionEnded(ApiProblem):
    """The person must sign in again."""

    def __init__(self) -> None:
        super().__init__(SESSION_ENDED, status=401)


def problem_of(response: httpx.Response) -> ApiProblem:
    """The refusal in an answer; one without a problem document has the code `unreadable`."""
    try:
        body = response.json()
    except ValueError:
        body = None
    known = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    found = ApiProblem(
        str(known.get("code") or UNREADABLE),
        status=response.status_code,
        detail=str(known.get("detail") or known.get("title") or ""),
        answer=known,
    )
    found.retry_after = _seconds(response.headers.get("Retry-After", ""))
    return found


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0
