"""What import-linter cannot say: the core uses the standard library alone, and none of it that acts on the world."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "app" / "core").rglob("*.py"))
# Modules that read a clock, roll dice, log, or touch anything outside the process.
IMPURE = {
    "asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "signal",
    "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "uuid", "warnings",
}  # fmt: skip
CLOCKS = {"now", "today", "utcnow"}


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of the modules that a syntax tree imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_the_core_is_there_to_be_checked() -> None:
    assert len(CORE) > 1


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_imports_the_pure_standard_library_only(path: Path) -> None:
    allowed = set(sys.stdlib_module_names) | ({"lark"} if path.stem == "expressions" else set())
    for name in imported(parsed(path)):
        if name == "app.core" or name.startswith("app.core."):
            continue
        assert name.partition(".")[0] in allowed, f"{path.name} imports {name}"
        assert not {name, name.partition(".")[0]} & IMPURE, f"{path.name} imports {name}, which acts on the world"


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_is_told_the_time_and_never_asks(path: Path) -> None:
    asked = [node.lineno for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute) and node.attr in CLOCKS]
    assert asked == [], f"{path.name} reads a clock in lines {asked}"
