"""Reads from the sources which code enqueues each kind of job, which handles it, and what the handler enqueues."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.jobs.schedules import SCHEDULES
from core.messages import MESSAGES
from scripts.inserts import inserts, literal
from scripts.local.instances import ROOT

_FOLDERS = ("api", "core", "tasks", "workers")
_INCLUDE = re.compile(r"^-- include (\w+/\w+)", re.MULTILINE)
_KINDS = {message.__name__: kind for kind, message in MESSAGES.items()}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A name at the top level of a Python module, or an SQL file, which has no name."""

    path: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.name}" if self.name else self.path


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind: the places that enqueue it, its task, the core functions the task calls, and the kinds that follow."""

    enqueued_by: tuple[str, ...]
    task: Place
    handlers: tuple[Place, ...]
    then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Module:
    path: str
    definitions: Mapping[str, ast.stmt]
    imports: Mapping[str, str]


def flows() -> dict[str, Flow]:
    """The flow of each kind that a task handles."""
    enqueuing = _enqueuing()
    return {
        kind: Flow(
            enqueued_by=(*_schedules(kind), *sorted(str(at) for at in enqueuing if kind in enqueuing[at])),
            task=task,
            handlers=tuple(sorted(at for at in _references(task, nodes) if _is_handler(at))),
            then=tuple(sorted({after for at in _reached(task, nodes) for after in enqueuing.get(at, ())})),
        )
        for kind, task, nodes in _tasks()
    }


def origins() -> dict[str, set[str]]:
    """The places outside every handler that enqueue, with the kinds they enqueue; all schedules count as one."""
    handled = {at for _, task, nodes in _tasks() for at in _reached(task, nodes)}
    found = {str(at): kinds for at, kinds in sorted(_enqueuing().items()) if at not in handled}
    return {**found, "schedules": {schedule.message.kind for schedule in SCHEDULES}}


def _schedules(kind: str) -> Iterator[str]:
    for schedule in SCHEDULES:
        if schedule.message.kind == kind:
            condition = " if there is work" if schedule.has_work else ""
            yield f"schedule {schedule.name}, every {int(schedule.every.total_seconds())} s{condition}"


@cache
def _modules() -> dict[str, _Module]:
    paths = (path.relative_to(ROOT) for folder in _FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    return {".".join(path.with_suffix("").parts): _module(path) for path in paths}


def _module(path: Path) -> _Module:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    definitions = {name: node for node in tree.body for name in _defined(node)}
    imports = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return _Module(path.as_posix(), definitions, imports)


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case _:
            pass


@cache
def _by_path() -> dict[str, _Module]:
    return {module.path: module for module in _modules().values()}


def _enqueuing() -> dict[Place, set[str]]:
    """What each place itself enqueues."""
    python = {
        Place(module.path, name): {_KINDS[call] for call in calls if call in _KINDS}
        for module in _modules().values()
        for name, node in module.definitions.items()
        if "enqueue" in (calls := _calls(node))
    }
    sql = {
        Place(path.relative_to(ROOT).as_posix()): {
            kind
            for one in inserts(path.read_text(encoding="utf-8"))
            if one.table == "jobs" and (kind := literal(one.values["kind"]))
        }
        for path in (ROOT / "core").glob("*/*.sql")
    }
    return {at: kinds for at, kinds in (python | sql).items() if kinds}


def _calls(node: ast.AST) -> set[str]:
    return {one.func.id for one in ast.walk(node) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}


@cache
def _tasks() -> list[tuple[str, Place, tuple[ast.AST, ...]]]:
    """Each task's kind, its place, and what it runs: the function's body, or the arguments behind the message."""
    found: list[tuple[str, Place, tuple[ast.AST, ...]]] = []
    for module in _modules().values():
        for name, node in module.definitions.items() if module.path.startswith("tasks/") else ():
            match node:
                case ast.FunctionDef(decorator_list=[ast.Call(func=ast.Name(id=made), args=[ast.Name(id=message)])]):
                    nodes: tuple[ast.AST, ...] = tuple(node.body)
                case ast.Assign(value=ast.Call(func=ast.Name(id=made), args=[ast.Name(id=message), *steps])):
                    nodes = tuple(steps)
                case _:
                    continue
            if made.endswith("_task") and message in _KINDS:
                found.append((_KINDS[message], Place(module.path, name), nodes))
    return sorted(found, key=lambda task: task[0])


def _reached(task: Place, nodes: Iterable[ast.AST]) -> set[Place]:
    """The places that a task leads to: functions and tables of core, and SQL files with what they include."""
    seen: set[Place] = set()
    waiting = _references(task, nodes)
    while waiting:
        place = waiting.pop()
        seen.add(place)
        waiting |= _references(place, _nodes(place)) - seen
    return seen


def _nodes(place: Place) -> tuple[ast.AST, ...]:
    return (_by_path()[place.path].definitions[place.name],) if place.name else ()


def _references(place: Place, nodes: Iterable[ast.AST]) -> set[Place]:
    if not place.name:
        included: list[str] = _INCLUDE.findall((ROOT / place.path).read_text(encoding="utf-8"))
        return {Place(f"core/{name}.sql") for name in included}
    module = _by_path()[place.path]
    return {found for node in nodes for one in ast.walk(node) if (found := _referenced(module, one))}


def _referenced(module: _Module, node: ast.AST) -> Place | None:
    match node:
        case ast.Name(id=name) if name in module.definitions:
            return Place(module.path, name)
        case ast.Name(id=name):
            return _core_place(module.imports.get(name, ""))
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return _core_place(f"{module.imports.get(name, '')}.{attribute}")
        case ast.Constant(value=str(text)) if re.fullmatch(r"\w+/\w+", text) and (ROOT / f"core/{text}.sql").exists():
            return Place(f"core/{text}.sql")
        case _:
            return None


def _core_place(dotted: str) -> Place | None:
    module = _modules().get(dotted.rpartition(".")[0])
    name = dotted.rpartition(".")[2]
    if module and module.path.startswith("core/") and name in module.definitions:
        return Place(module.path, name)
    return None


def _is_handler(place: Place) -> bool:
    """Whether it is a function of a package of core, which is where the work is done."""
    return place.path.count("/") > 1 and isinstance(
        _by_path()[place.path].definitions.get(place.name) if place.name else None, ast.FunctionDef
    )
