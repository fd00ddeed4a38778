"""The rules find what they are there to find."""

import ast

import pytest

from tests.architecture import rules


def the_function(source: str) -> rules.Function:
    return next(rules.functions(ast.parse(source)))


def test_lines_are_counted_with_and_without_signature_and_docstring() -> None:
    source = 'def f(\n    a,\n):\n    """Say."""\n    b = a\n\n    return b\n'
    assert rules.lines_of(the_function(source)) == 7
    assert rules.body_lines(the_function(source)) == 3
    assert rules.body_lines(the_function('def f():\n    """Say."""\n')) == 0


def test_routes_and_tasks_are_known_by_their_decorators() -> None:
    assert rules.is_route(the_function('@router.post("/orders")\ndef f(): pass'))
    assert not rules.is_route(the_function("@cache\ndef f(): pass"))
    assert rules.is_task(the_function("@task(FulfilOrder)\ndef f(): pass"))
    assert not rules.is_task(the_function("def f(): pass"))


@pytest.mark.parametrize("line", ["session.commit()", "self.session.rollback()"])
def test_the_end_of_a_transaction_is_found(line: str) -> None:
    assert rules.ends_transactions(ast.parse(f"a = 1\n{line}")) == [2]


@pytest.mark.parametrize("line", ["os.environ['A']", "os.getenv('A')", "getenv('A')", "class S(BaseSettings): pass"])
def test_reading_the_environment_is_found(line: str) -> None:
    assert rules.reads_environment(ast.parse(f"a = 1\n{line}")) == [2]


def test_an_import_inside_a_function_is_found() -> None:
    assert rules.imports_inside_functions(ast.parse("import os\ndef f():\n    import re")) == [3]


@pytest.mark.parametrize("silence", ["noqa", "noqa: S603", "pyright: ignore", "type: ignore[arg]", "noqa - because"])
def test_a_silence_without_code_or_reason_is_found(silence: str) -> None:
    assert rules.silences_without_reason(f"a = 1  # {silence}") == [1]


@pytest.mark.parametrize("silence", ["noqa: S603 - our own", "noqa: S603, D1 - why", "pyright: ignore[reportA] - why"])
def test_a_silence_with_code_and_reason_is_none(silence: str) -> None:
    assert rules.silences_without_reason(f"a = 1  # {silence}") == []
