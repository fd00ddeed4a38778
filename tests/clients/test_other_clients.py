"""Tools outside Python that read the document: a linter, and generators for TypeScript, used, and Dart, written.

They need npm or Java, and their packages from a registry. Where one is missing, a test says so and skips.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.api_harness import ApiHarness

_TYPESCRIPT = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@types/node@24")
_COMPILE = ("--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "buyer.ts")


def run(folder: Path, *command: str, optional: bool = False) -> str:
    """The output of a command. If it fails, the test fails; it skips if the command is only the installation."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)  # noqa: S603 - fixed commands
    if optional and done.returncode:
        pytest.skip(f"{command[0]} cannot install: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_redocly_finds_no_fault_in_the_document(document: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("there is no npm")
    folder = document.with_name("redocly")
    folder.mkdir()
    run(folder, npm, "install", "--silent", "--no-audit", "--no-fund", "@redocly/cli@2.77.0", optional=True)
    run(folder, str(folder / "node_modules" / ".bin" / "redocly"), "lint", str(document))


def test_a_typescript_client_compiles_and_buys(api: ApiHarness, document: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        pytest.skip("there is no npm")
    folder = document.parent
    (folder / "package.json").write_text('{"type": "module", "private": true}', encoding="utf-8")
    shutil.copy(Path(__file__).with_name("buyer.ts"), folder)
    run(folder, npm, "install", "--silent", "--no-audit", "--no-fund", *_TYPESCRIPT, optional=True)
    programs = folder / "node_modules" / ".bin"
    run(
        folder, str(programs / "openapi-typescript"), document.name, "--default-non-nullable", "false", "-o", "api.d.ts"
    )
    run(folder, str(programs / "tsc"), *_COMPILE)
    buyer, course_id = api.user(), str(api.course()["course_id"])
    output = run(folder, node, "buyer.js", api.url, api.token(buyer.id, "member"), course_id)
    assert json.loads(output) == ["pending", "order_open", 49_900]


def test_a_dart_client_is_written_with_a_class_for_each_model(document: Path) -> None:
    if not shutil.which("java"):
        pytest.skip("there is no Java")
    uvx = [sys.executable, "-m", "uv", "tool", "run", "--from", "openapi-generator-cli==7.26.0"]
    run(document.parent, *uvx, "openapi-generator-cli", "version", optional=True)
    run(
        document.parent,
        *uvx,
        "openapi-generator-cli",
        *("generate", "-g", "dart-dio", "-i", document.name, "-o", "dart"),
    )
    models = document.with_name("dart") / "lib" / "src" / "model"
    assert "class OrderOut" in (models / "order_out.dart").read_text(encoding="utf-8")
    orders = (models.parent / "api" / "orders_api.dart").read_text(encoding="utf-8")
    assert "ordersPlace(" in orders
