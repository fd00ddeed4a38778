"""Write `client/operations/` from the OpenAPI document: the operations that the client uses, and their models.

A test fails when a file is not up to date.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from api.main import app

FOLDER: Final = Path(__file__).resolve().parents[1] / "client" / "operations"
_NOTE: Final = "Generated from the OpenAPI document by scripts/client_operations.py; change the API instead."
# A model that two domains use belongs to the one that comes first.
DOMAINS: Final[Mapping[str, tuple[str, ...]]] = {
    "courses": (
        *("courses.list", "courses.get", "courses.create", "courses.change", "courses.publish", "courses.archive"),
        *("lessons.list", "lessons.get", "lessons.add", "lessons.change", "lessons.delete"),
        *("lessons.complete", "lessons.reopen", "me.courses"),
    ),
    "services": ("services.list", "services.get", "services.create", "services.publish", "services.archive"),
    "seminars": (
        *("seminars.list", "seminars.get", "seminars.create", "seminars.publish", "seminars.cancel"),
        *("seminars.participants", "seminars.attendance", "seminars.guests", "seminars.invite"),
        *("seats.list", "seats.take", "seats.give_up", "seats.wait"),
    ),
    "posts": ("posts.list", "posts.create", "posts.delete"),
    "orders": ("orders.list", "orders.get", "orders.place", "orders.cancel", "orders.refund", "checkouts.open"),
    "accounts": (
        *("auth.register", "auth.resend_verification", "auth.login", "auth.refresh", "auth.logout"),
        *("auth.forgot_password", "me.get", "me.change", "me.erase", "me.change_password", "me.change_email"),
        *("me.export", "me.get_export", "sessions.list", "sessions.end", "sessions.end_others"),
        *("totp.get", "totp.start", "totp.confirm", "totp.turn_off"),
    ),
}
_TYPES: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS: Final = {"uuid": "UUID", "date-time": "datetime"}
_GENERIC: Final = "Page_"
Json = dict[str, Any]


def main() -> None:
    """Write every file."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"client/operations/{name}")


def files() -> dict[str, str]:
    """The content of each file by its name."""
    document = app.openapi()
    operations = _operations(document)
    homes: dict[str, str] = {}
    for domain, names in DOMAINS.items():
        for schema in _schemas_of(document, [operations[name] for name in names]):
            homes.setdefault(schema, domain)
    return {
        f"{domain}.py": _formatted(_Module(document, domain, homes).text({name: operations[name] for name in names}))
        for domain, names in DOMAINS.items()
    }


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "generated.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603 - ruff


def _operations(document: Json) -> dict[str, Json]:
    return {
        endpoint["operationId"]: {**endpoint, "method": method.upper(), "path": path}
        for path, endpoints in document["paths"].items()
        for method, endpoint in endpoints.items()
    }


def _answer(operation: Json) -> Json | None:
    """The schema of what a success answers; None without a body."""
    found = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return found.get("content", {}).get("application/json", {}).get("schema")


def _body(operation: Json) -> Json | None:
    return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")


def _schemas_of(document: Json, operations: list[Json]) -> list[str]:
    """The models of operations and those that they refer to, each after what it needs."""
    found: list[str] = []

    def visit(part: object) -> None:
        for name in _references(part):
            if name not in found:
                visit(document["components"]["schemas"][name])
                if name not in found and not name.startswith(_GENERIC):
                    found.append(name)

    for operation in operations:
        visit(_body(operation))
        visit(_answer(operation))
    return found


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        known = cast("Json", part)
        if "$ref" in known:
            yield known["$ref"].rpartition("/")[2]
        for value in known.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in cast("list[object]", part):
            yield from _references(value)


class _Module:
    """One file."""

    def __init__(self, document: Json, domain: str, homes: Mapping[str, str]) -> None:
        self._schemas: dict[str, Json] = document["components"]["schemas"]
        self._document, self._domain, self._homes = document, domain, homes
        self._imports: dict[str, set[str]] = {}

    def text(self, operations: Mapping[str, Json]) -> str:
        """The whole file."""
        own = [name for name, home in self._homes.items() if home == self._domain]
        classes = [self._class(name) for name in own]
        constants = [self._constant(name, operation) for name, operation in operations.items()]
        return f'"""{_NOTE}"""\n\n{self._import_lines()}\n\n\n' + "".join(classes) + "\n".join(constants) + "\n"

    def _class(self, name: str) -> str:
        schema = self._schemas[name]
        required: list[str] = schema.get("required", [])
        lines = [f"class {name}(Model):", f'    """{schema["description"].splitlines()[0]}"""', ""]
        fields = sorted(schema["properties"].items(), key=lambda one: one[0] not in required)
        lines += [self._field(field, part, required=field in required) for field, part in fields]
        self._import("client.api.base", "Model")
        return "\n".join(lines) + "\n\n\n"

    def _field(self, name: str, schema: Json, *, required: bool) -> str:
        kind = self._type(schema)
        if required:
            return f"    {name}: {kind}"
        # What the document gives no default may be left out: it is sent only where it is set.
        default = schema.get("default")
        return f"    {name}: {kind if default is not None or kind.endswith('None') else kind + ' | None'} = {default!r}"

    def _constant(self, name: str, operation: Json) -> str:
        answer = _answer(operation)
        kind = self._type(answer) if answer else "None"
        keyed = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
        self._import("client.api.base", "Operation")
        prefix, _, action = name.partition(".")
        constant = (action if prefix == self._domain else f"{prefix}_{action}").upper()
        value = kind if answer else "type(None)"
        arguments = f'"{operation["method"]}", "{operation["path"]}", {value}' + (", keyed=True" if keyed else "")
        return f"{constant}: Final[Operation[{kind}]] = Operation({arguments})"

    def _type(self, schema: Json) -> str:
        if "$ref" in schema:
            return self._model(schema["$ref"].rpartition("/")[2])
        if "anyOf" in schema:
            return " | ".join(self._type(one) for one in schema["anyOf"])
        if values := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
            self._import("typing", "Literal")
            return f"Literal[{', '.join(_quoted(one) for one in values)}]"
        if schema["type"] == "array":
            return f"list[{self._type(schema['items'])}]"
        kind = _FORMATS.get(schema.get("format", ""), _TYPES[schema["type"]])
        if kind in _FORMATS.values():
            self._import("uuid" if kind == "UUID" else "datetime", kind)
        return kind

    def _model(self, name: str) -> str:
        if name.startswith(_GENERIC):
            self._import("client.api.base", "Page")
            return f"Page[{self._model(name.removeprefix(_GENERIC).rstrip('_'))}]"
        if self._homes[name] != self._domain:
            self._import(f"client.operations.{self._homes[name]}", name)
        return name

    def _import(self, module: str, name: str) -> None:
        self._imports.setdefault(module, set()).add(name)

    def _import_lines(self) -> str:
        self._import("typing", "Final")
        lines = {module: f"from {module} import {', '.join(sorted(names))}" for module, names in self._imports.items()}
        ours = sorted(line for module, line in lines.items() if module.startswith("client."))
        return "\n".join(sorted(line for line in lines.values() if line not in ours)) + "\n\n" + "\n".join(ours)


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


if __name__ == "__main__":
    main()
