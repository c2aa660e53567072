"""The house's rules about the shape of the code and about what may be committed."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = sorted(path for top in ("app", "speech", "models", "tests") for path in (ROOT / top).rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_MODULE = 300
LONGEST_TEST_MODULE = 500

# "path" or "path::function" → why it may be longer. A name that no longer needs its exception fails below.
EXCEPTIONS: dict[str, str] = {}

# Written in pieces, so that this file does not name what it forbids.
FORBIDDEN = {
    "a path of somebody's machine": re.compile(r"(?<![\w.:/~-])/(?:work|root|home/[a-z]\w*|Users/\w+)/" + r"\w"),
    "a package registry's host": re.compile(
        "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "find" + "-links"))
    ),
}
TEXT = {
    ".cfg",
    ".css",
    ".html",
    ".ini",
    ".js",
    ".json",
    ".lock",
    ".lua",
    ".md",
    ".py",
    ".toml",
    ".xml",
    ".yaml",
    ".yml",
    "",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The name and length in lines, without docstring and decorators, of each function of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node, clean=False) is not None:
                docstring = node.body[0]
                length -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
            yield node.name, length


def too_long() -> dict[str, str]:
    """Everything that is longer than the house allows, and how long."""
    found = {}
    for path in PYTHON:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > (LONGEST_TEST_MODULE if relative(path).startswith("tests/") else LONGEST_MODULE):
            found[relative(path)] = f"{lines} lines"
        for name, length in functions(path):
            if length > LONGEST_FUNCTION:
                found[f"{relative(path)}::{name}"] = f"{length} lines"
    return found


def tracked() -> list[Path]:
    """The text files under version control."""
    try:
        listed = subprocess.run(
            ("git", "ls-files", "-z"),
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.suffix in TEXT and path.is_file()]


def test_functions_and_modules_are_short_but_for_named_exceptions() -> None:
    over = too_long()
    assert {name: size for name, size in over.items() if name not in EXCEPTIONS} == {}
    assert set(EXCEPTIONS) <= set(over), "an exception that is no longer needed"


def test_every_module_says_what_it_is_for() -> None:
    trees = {relative(path): ast.parse(path.read_text(encoding="utf-8")) for path in PYTHON}
    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_nothing_tracked_names_a_machine_or_a_registry() -> None:
    found = [
        f"{relative(path)}:{number} names {what}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]
    assert found == []


def test_every_pinned_package_is_a_bare_version() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 50
    for line in pins:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*(; .+)?", line), line


def test_no_training_framework_is_among_the_pinned_packages() -> None:
    names = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()}
    assert {name for name in names if name in ("torch", "tensorflow", "jax") or name.startswith("nvidia")} == set()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(item for extra in project["optional-dependencies"].values() for item in extra),
    ]
    pins = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()}
    for requirement in wanted:
        name = re.split(r"[\[<>=;~! ]", requirement, maxsplit=1)[0]
        assert re.sub(r"[-_.]+", "-", name).lower() in pins, f"{name} is not in requirements.lock; run `make lock`"
