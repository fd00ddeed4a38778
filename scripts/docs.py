"""`make docs`: writes the pages that are read off the code. A test fails when one of them is not up to date."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from inspect import getdoc
from pathlib import Path
from typing import Any

from starlette.routing import Route

from api.main import app
from core.audit.tags import Tag
from core.messages import MESSAGES, Message
from core.settings import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
_NOTE = "<!-- Written by `make docs`. Change the code it is read from instead. -->\n"
_METHODS = ("get", "post", "put", "patch", "delete")
Json = dict[str, Any]


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}")


def settings_page() -> str:
    """Every setting: its variable, its default and what is allowed."""
    properties: dict[str, Json] = Settings.model_json_schema()["properties"]
    prefix = Settings.model_config.get("env_prefix", "")
    rows = [
        (f"`{prefix}{name.upper()}`", setting["description"], _default(setting), _allowed(setting))
        for name, setting in properties.items()
    ]
    return _page(
        "Settings",
        "Environment variables, read once by `core/settings.py`. Nothing has to be set in development; "
        "`AULA_ENV=production` refuses development secrets and names each variable that is missing.",
        _table(("variable", "meaning", "default", "allowed"), rows),
    )


def messages_page() -> str:
    """Every kind of background work."""
    rows = [
        (f"`{kind}`", f"`{message.queue}`", _first_line(message), _fields(message), str(message.version))
        for kind, message in sorted(MESSAGES.items())
    ]
    return _page(
        "Messages",
        "Each kind of background work is a typed message of `core/messages.py`, stored as a row of `app.jobs`. "
        "Flower and the logs know it by the name in the first column.",
        _table(("kind", "queue", "meaning", "fields", "version"), rows),
    )


def audit_tags_page() -> str:
    """Every tag of the audit log."""
    rows = [(f"`{tag}`", *(f"{part}" for part in tag.split(":"))) for tag in sorted(Tag)]
    return _page(
        "Audit tags",
        "Each entry of `app.audit_events` has one of these tags of `core/audit/tags.py`, written in the "
        "transaction that it describes.",
        _table(("tag", "source", "subject", "what happened"), rows),
    )


def api_page() -> str:
    """Every endpoint, with the fields that it takes."""
    document: Json = app.openapi()
    rows = [
        (f"`{method.upper()} {path}`", _says(endpoint), _takes(endpoint, document), _answers(endpoint))
        for path, endpoints in sorted(document["paths"].items())
        for method, endpoint in endpoints.items()
        if method in _METHODS
    ]
    return _page(
        "HTTP API",
        "The OpenAPI document at `/openapi.json` has every type; `/docs` shows it. Refusals are "
        "`application/problem+json` with a stable `code`; fields in *italics* may be left out.",
        _table(("endpoint", "what it does", "takes", "answers"), sorted([*rows, *_undocumented(document)])),
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "messages.md": messages_page,
    "audit-tags.md": audit_tags_page,
    "api.md": api_page,
}


def _page(title: str, introduction: str, table: str) -> str:
    return f"{_NOTE}\n# {title}\n\n{introduction}\n\n{table}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    ruled = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in ruled)


def _default(setting: Json) -> str:
    if setting.get("format") == "password":
        return "for development only"
    default = setting.get("default")
    return "none" if default is None else f"`{default}`"


def _allowed(setting: Json) -> str:
    if "enum" in setting:
        return ", ".join(f"`{choice}`" for choice in setting["enum"])
    limits = [
        f"{word} {setting[key]}{unit}"
        for key, word, unit in (
            ("minimum", "from", ""),
            ("maximum", "to", ""),
            ("minLength", "at least", " characters"),
        )
        if key in setting
    ]
    return " ".join(limits) or str(setting.get("type", "text"))


def _first_line(subject: object) -> str:
    return (getdoc(subject) or "").split("\n\n")[0].replace("\n", " ")


def _fields(message: type[Message]) -> str:
    return ", ".join(f"`{field.name}`" for field in fields(message)) or "none"


def _says(endpoint: Json) -> str:
    return str(endpoint.get("description") or endpoint.get("summary", "")).split("\n\n")[0].replace("\n", " ")


def _answers(endpoint: Json) -> str:
    return ", ".join(sorted(status for status in endpoint["responses"] if status.startswith("2")))


def _takes(endpoint: Json, document: Json) -> str:
    parameters: list[Json] = endpoint.get("parameters", [])
    names = [_shown(one["name"], required=one.get("required", False)) for one in parameters]
    for content in endpoint.get("requestBody", {}).get("content", {}).values():
        schema = _resolved(content.get("schema", {}), document)
        required = schema.get("required", [])
        names += [_shown(name, required=name in required) for name in schema.get("properties", {})]
    return ", ".join(names) or "nothing"


def _shown(name: str, *, required: bool) -> str:
    return f"`{name}`" if required else f"*{name}*"


def _resolved(schema: Json, document: Json) -> Json:
    reference = schema.get("$ref")
    return document["components"]["schemas"][reference.rsplit("/", 1)[1]] if reference else schema


def _undocumented(document: Json) -> list[tuple[str, str, str, str]]:
    """Plain routes beside FastAPI's, such as webhook intake and pages; the docs' own are left out."""
    own = {app.openapi_url, app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url}
    return [
        (f"`{method} {route.path}`", _first_line(route.endpoint), "see its text", "200")
        for route in app.routes
        if isinstance(route, Route) and route.path not in own | set(document["paths"])
        for method in sorted(set(route.methods or ()) - {"HEAD"})
    ]


if __name__ == "__main__":
    main()
