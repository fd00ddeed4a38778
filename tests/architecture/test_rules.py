"""Each rule finds what it is for."""

import ast

import pytest

from tests.architecture import rules


def function(source: str) -> rules.Function:
    return next(rules.functions(ast.parse(source)))


def test_lines_are_counted_with_and_without_signature_and_docstring() -> None:
    source = 'def f(\n    a,\n):\n    """Say."""\n    b = a\n\n    return b\n'
    assert rules.lines_of(function(source)) == 7
    assert rules.body_lines(function(source)) == 3
    assert rules.body_lines(function('def f():\n    """Say."""\n')) == 0


def test_routes_and_tasks_are_recognised_by_their_decorators() -> None:
    assert rules.is_route(function('@router.post("/orders")\ndef f(): pass'))
    assert not rules.is_route(function("@cache\ndef f(): pass"))
    assert rules.is_task(function("@task(FulfilOrder)\ndef f(): pass"))
    assert not rules.is_task(function("def f(): pass"))


@pytest.mark.parametrize("line", ["session.commit()", "self.session.rollback()"])
def test_the_end_of_a_transaction_is_found(line: str) -> None:
    assert rules.ends_transactions(ast.parse(f"a = 1\n{line}")) == [2]


@pytest.mark.parametrize("line", ["os.environ['A']", "os.getenv('A')", "getenv('A')", "class S(BaseSettings): pass"])
def test_reading_the_environment_is_found(line: str) -> None:
    assert rules.reads_environment(ast.parse(f"a = 1\n{line}")) == [2]


def test_an_import_inside_a_function_is_found() -> None:
    assert rules.imports_inside_functions(ast.parse("import os\ndef f():\n    import re")) == [3]


@pytest.mark.parametrize(
    "suppression", ["noqa", "noqa: S603", "pyright: ignore", "type: ignore[arg]", "noqa - because"]
)
def test_a_suppression_without_code_or_reason_is_found(suppression: str) -> None:
    assert rules.suppressions_without_reason(f"a = 1  # {suppression}") == [1]


@pytest.mark.parametrize(
    "suppression", ["noqa: S603 - our own", "noqa: S603, D1 - why", "pyright: ignore[reportA] - why"]
)
def test_a_suppression_with_code_and_reason_is_allowed(suppression: str) -> None:
    assert rules.suppressions_without_reason(f"a = 1  # {suppression}") == []


def test_definitions_that_a_decorator_registers_are_left_out() -> None:
    source = (
        "@router.get('/')\ndef a(): pass\n@init.connect\ndef b(): pass\ndef c(): pass\ndef _d(): pass\nclass E: pass"
    )
    assert list(rules.public_definitions(ast.parse(source))) == ["c", "E"]


@pytest.mark.parametrize("source", ["from core.a import b", "from core import a\na.b()", "main = 'core.a:b'"])
def test_a_use_in_another_module_is_found(source: str) -> None:
    assert "core.a.b" in rules.used_names(ast.parse(source), "core.c")


def test_a_use_in_the_own_module_is_found_outside_the_definition() -> None:
    definition = "def b():\n    b()\n"
    assert "core.a.b" not in rules.used_names(ast.parse(definition), "core.a")
    assert "core.a.b" in rules.used_names(ast.parse(definition + "x = b()"), "core.a")
