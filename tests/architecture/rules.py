"""House rules that no tool knows; each gives the lines of a module that break it."""

import ast
import re
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "api_route", "route", "websocket"})
_SILENCED = re.compile(r"#\s*(?:noqa|pyright:\s*ignore|type:\s*ignore)\b(?P<rest>.*)")
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
    """Whether it is decorated as `@router.get(...)` and the like."""
    return any(
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in _METHODS
        for decorator in function.decorator_list
    )


def is_task(function: Function) -> bool:
    """Whether a decorator whose name holds `task` makes it one."""
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


def silences_without_reason(source: str) -> list[int]:
    found = ((number, _SILENCED.search(line)) for number, line in enumerate(source.splitlines(), start=1))
    return [number for number, match in found if match and not _CODES_AND_REASON.match(match["rest"])]
