"""Small things stay small, and a few habits hold everywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "civreg").rglob("*.py"), *(ROOT / "workers").rglob("*.py"), ROOT / "app.py"])
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
COMMITS_HERE = ROOT / "civreg" / "shared" / "database.py"
CLOCK = ROOT / "civreg" / "shared" / "clock.py"
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "data", "info", "misc"}


def parsed() -> Iterator[tuple[Path, ast.Module]]:
    for file in SOURCES:
        yield file.relative_to(ROOT), ast.parse(file.read_text("utf-8"))


def test_there_is_something_to_measure() -> None:
    assert len(SOURCES) > 100


def test_no_file_is_too_long() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in SOURCES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{file}:{node.lineno} {node.name}"
        for file, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_only_one_module_commits() -> None:
    found = {
        str(file)
        for file, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and getattr(node.func.value, "id", "") != "savepoint"  # ends a part of a transaction, not the whole
    }
    assert found == {str(COMMITS_HERE.relative_to(ROOT))}


def test_only_the_clock_asks_the_time() -> None:
    asking = []
    for file, tree in parsed():
        if ROOT / file == CLOCK:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow"):
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                if name in ("datetime", "date"):
                    asking.append(f"{file}:{node.lineno}")
    assert asking == []


def test_no_relationship_ties_tables_together() -> None:
    found = [
        f"{file}:{node.lineno}"
        for file, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "relationship"
    ]
    assert found == []


def test_no_import_hides_inside_a_function() -> None:
    found = [
        f"{file}:{inner.lineno}"
        for file, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_every_public_name_is_explained() -> None:
    silent = []
    for file, tree in parsed():
        if not ast.get_docstring(tree):
            silent.append(str(file))
        for node in tree.body:
            named = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if named and not ast.get_docstring(node):  # type: ignore[arg-type]
                silent.append(f"{file}:{node.lineno}")
    assert silent == []


def test_no_module_has_an_empty_name() -> None:
    assert [str(file) for file, _ in parsed() if file.stem in EMPTY_NAMES] == []


@pytest.mark.parametrize("word", ["/work/", "/root/"])
def test_nothing_names_this_machine(word: str) -> None:
    folders = ["civreg", "workers", "migrations", "templates", "static"]
    texts = [
        file
        for folder in folders
        for file in (ROOT / folder).rglob("*")
        if file.suffix in (".py", ".html", ".css", ".js", ".toml", ".ini", ".md")
    ]
    found = [str(file.relative_to(ROOT)) for file in texts if word in file.read_text("utf-8")]
    assert found == []
