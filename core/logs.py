"""Logs as JSON lines on standard error, the same for every process, without secrets and personal data."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

import structlog

# The value of a field with such a name is never written, at any depth of nesting.
_SECRET = re.compile(r"password|secret|token|authorization|signature|cookie|api_?key", re.IGNORECASE)
_HIDDEN = "…"
# In the text of any field: errors of libraries quote what they were given.
_HIDDEN_TEXT = (
    # E-mail addresses. Bounded, because an unbounded one takes quadratic time on a long word.
    re.compile(r"[^\s@\"'<>(),;:/=]{1,64}@[^\s@\"'<>(),;:/]{1,255}\.[^\s@\"'<>(),;:/]{1,63}"),
    # Keys and secrets of Stripe, JSON Web Tokens, and credentials in a header.
    re.compile(r"\b(?:[sr]k_(?:live|test)|whsec)_\w+|\beyJ[\w-]+\.[\w.-]+|\b(?:Bearer|Basic) [\w.~+/=-]+"),
    # What PostgreSQL adds to an error: the values of the row.
    re.compile(r"(?<=DETAIL:).*?(?=\n\[SQL|\n[A-Z]+: |\nTraceback|\nThe above|\nDuring handling|\Z)", re.DOTALL),
)


def configure_logs(level: int = logging.INFO) -> None:
    """Set up structlog for this process. Tracebacks contain no values of variables."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    line = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Evaluated for each line, because tests and supervisors replace sys.stderr.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Warnings and errors that libraries log through the standard library, in the same format.
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, line]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor that replaces the values of fields with secret names."""
    return without_secrets(event)


def without_secrets(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, with the values of those that have secret names replaced."""
    return {name: _without_secrets(name, value) for name, value in fields.items()}


def _without_secrets(name: str, value: Any) -> object:  # noqa: ANN401 - anything may be logged
    if _SECRET.search(name):
        return _HIDDEN
    match value:
        case dict():
            return {key: _without_secrets(str(key), inner) for key, inner in cast("dict[object, Any]", value).items()}
        case list() | tuple():
            return [_without_secrets("", inner) for inner in cast("list[Any]", value)]
        case str():
            return without_personal_data(value)
        case _:
            return value


def without_personal_data(text: str) -> str:
    """The text without e-mail addresses, tokens, and the rows that PostgreSQL quotes."""
    for pattern in _HIDDEN_TEXT:
        text = pattern.sub(_HIDDEN, text)
    return text
