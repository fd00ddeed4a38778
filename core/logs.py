"""Logs as lines of JSON on standard error, the same for every process; the one place that keeps secrets out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, cast

import structlog

# Whatever is named so is never written, at any depth of nesting.
_SECRET = re.compile(r"password|secret|token|authorization|signature|cookie|api_?key", re.IGNORECASE)
_HIDDEN = "…"


def configure_logs(level: int = logging.INFO) -> None:
    """Set structlog up for this process. Tracebacks name lines and never the values of variables."""
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
        # Asked for at each line: a test or a supervisor may put another stream in place.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # What libraries log through the standard library, from warnings up, in the same shape.
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, line]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: replaces the values of fields whose names speak of secrets."""
    return {name: _shown(name, value) for name, value in event.items()}


def _shown(name: str, value: Any) -> object:  # noqa: ANN401 - anything may be logged
    if _SECRET.search(name):
        return _HIDDEN
    match value:
        case dict():
            return {key: _shown(str(key), inner) for key, inner in cast("dict[object, Any]", value).items()}
        case list() | tuple():
            return [_shown("", inner) for inner in cast("list[Any]", value)]
        case _:
            return value
