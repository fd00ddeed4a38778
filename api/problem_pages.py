"""One page for each problem code, where the `type` of a problem leads: what it means and what a program can do."""

from collections.abc import Mapping
from functools import cache
from html import escape
from http import HTTPStatus
from typing import Final

from fastapi.responses import HTMLResponse

from api.refusals import meaning
from api.site import Site
from core.problems import Problem

_READ_AGAIN: Final = (
    "Read the resource again and decide from its state. If the answer has `Retry-After`, repeat after so many seconds."
)
_WAIT: Final = "Repeat the request after the seconds of `Retry-After`, with the same `Idempotency-Key`."
_CHANGE: Final = "Change the request; `field` and `errors` name the inputs. Repeating it unchanged cannot succeed."
_ADVICE: Final[Mapping[int, str]] = {
    400: _CHANGE,
    401: "Sign in, or get a new access token by `POST /auth/refresh`, and repeat the request.",
    403: "Do not repeat the request; `detail` says who may do this.",
    404: "Check the path and its ids; what belongs to others is not found either.",
    409: _READ_AGAIN,
    429: _WAIT,
    500: "Nothing was changed. Tell the operator the `incident`.",
    502: _WAIT,
    503: _WAIT,
}


@cache
def problems_by_code() -> Mapping[str, type[Problem]]:
    """Every problem that this system can answer."""
    found: dict[str, type[Problem]] = {}
    waiting: list[type[Problem]] = [*Problem.__subclasses__()]
    while waiting:
        problem = waiting.pop()
        found[problem.code] = problem
        waiting += problem.__subclasses__()
    return dict(sorted(found.items()))


def advice(problem: type[Problem]) -> str:
    """What a program can do about a problem, by its status."""
    return _ADVICE.get(problem.status, _CHANGE)


def problem_page(site: Site, problem: type[Problem]) -> HTMLResponse:
    """The page of one code."""
    main = (
        f'<div class="prose narrow"><h1>{escape(problem.title)}</h1>'
        f"<p><code>{problem.code}</code> · {problem.status} {HTTPStatus(problem.status).phrase}</p>"
        f"<p>{_text(meaning(problem))}</p><h2>What to do</h2><p>{_text(advice(problem))}</p>"
        f'<p><a href="/docs">Every operation</a> lists the codes that it can answer.</p></div>'
    )
    return site.private_page(problem.title.removesuffix("."), main, HTTPStatus.OK)


def _text(markdown: str) -> str:
    """Text in which backquotes mark code."""
    parts = escape(markdown).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
