"""The project's conventions that no linter checks; each function returns the lines of a module that break one."""

import ast
import re
from collections.abc import Iterator, Mapping

Function = ast.FunctionDef | ast.AsyncFunctionDef

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "api_route", "route", "websocket"})
_SUPPRESSION = re.compile(r"#\s*(?:noqa|pyright:\s*ignore|type:\s*ignore)\b(?P<rest>.*)")
_CODES_AND_REASON = re.compile(r"^\s*(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*|\[[\w,\s-]+\])\s*(-|#)\s*\w+")


def functions(module: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def body_lines(function: Function) -> int:
    """The lines below the signature and the docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0


def is_route(function: Function) -> bool:
    """Whether it has a decorator such as `@router.get(...)`."""
    return any(
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in _METHODS
        for decorator in function.decorator_list
    )


def is_task(function: Function) -> bool:
    """Whether a decorator has `task` in its name."""
    return any("task" in ast.unparse(decorator).lower() for decorator in function.decorator_list)


def ends_transactions(module: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]


def reads_environment(module: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(module)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.Name) and node.id in {"environ", "getenv", "BaseSettings"})
    ]


def imports_inside_functions(module: ast.Module) -> list[int]:
    return [
        node.lineno
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def public_definitions(module: ast.Module) -> Iterator[str]:
    """Public functions and classes at the top level, without those that a decorator registers."""
    for node in module.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and not _is_registered(node):
            yield node.name


def _is_registered(node: Function | ast.ClassDef) -> bool:
    if isinstance(node, ast.ClassDef):
        return False
    signals = (ast.unparse(decorator).partition("(")[0].endswith(".connect") for decorator in node.decorator_list)
    return is_route(node) or is_task(node) or any(signals)


def used_names(module: ast.Module, dotted: str) -> set[str]:
    """What a module uses, as dotted names: imports, attributes of imported modules, its own names, and texts."""
    imports = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return set(imports.values()).union(
        *(_names_in(node, imports, dotted) - {f"{dotted}.{getattr(node, 'name', '')}"} for node in module.body)
    )


def _names_in(statement: ast.stmt, imports: Mapping[str, str], dotted: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in imports:
                names.add(f"{imports[name]}.{attribute}")
            case ast.Name(id=name):
                names.add(f"{dotted}.{name}")
            case ast.Constant(value=str(text)):
                names.add(text.replace(":", "."))
            case _:
                pass
    return names


def suppressions_without_reason(source: str) -> list[int]:
    found = ((number, _SUPPRESSION.search(line)) for number, line in enumerate(source.splitlines(), start=1))
    return [number for number, match in found if match and not _CODES_AND_REASON.match(match["rest"])]
